namespace TdpHw.Cli.Output;

/// <summary>Where something stands, as answers for people say it.</summary>
internal static class CitationText
{
    /// <summary>The source in brackets behind a statement; nothing where there is none.</summary>
    public static string Behind(string source) => source.Length == 0 ? "" : $" [{source}]";
}
