using TdpHw.Cli.Input;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>Finds formats by the name used on the command line and in captures.</summary>
internal static class KnownFormats
{
    /// <summary>The names of all formats.</summary>
    public static IEnumerable<string> Ids => FormatRegistry.Formats.Select(f => f.Id);

    /// <summary>The format called <paramref name="id"/>, or null.</summary>
    public static FormatDescription? Find(string id) =>
        FormatRegistry.TryVisit(id, new Describer(), out FormatDescription? format) ? format : null;

    /// <summary>What to say when there is none.</summary>
    public static string Unknown(string id)
    {
        string hint = NearestName.Hint(id, Ids);
        return $"unknown format '{id}'{(hint.Length == 0 ? $"; there are: {string.Join(", ", Ids)}" : hint)}";
    }

    private sealed class Describer : IFormatVisitor<FormatDescription>
    {
        public FormatDescription Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat> => TFormat.Description;
    }
}
