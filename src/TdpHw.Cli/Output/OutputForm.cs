namespace TdpHw.Cli.Output;

/// <summary>The form in which answers are written.</summary>
internal enum OutputForm
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>A header and rows, separated by tabs.</summary>
    Tsv,
}
