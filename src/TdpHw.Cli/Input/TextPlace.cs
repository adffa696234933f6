using System.Globalization;

namespace TdpHw.Cli.Input;

/// <summary>A place in a text, counted from 1 as editors do.</summary>
/// <param name="File">What the text is called.</param>
/// <param name="Line">The line.</param>
/// <param name="Column">The column, in UTF-16 units.</param>
internal readonly record struct TextPlace(string File, long Line, long Column)
{
    /// <summary>What to throw when something is wrong there.</summary>
    public InputException Malformed(string what) => new($"{this}: {what}");

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
