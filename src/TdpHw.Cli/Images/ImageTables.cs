using System.Collections.Immutable;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Images;

/// <summary>The tables of an image as a command line asks to see them.</summary>
internal sealed record ImageTables<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    /// <summary>The path that the image was opened from.</summary>
    public required string Location { get; init; }

    /// <summary>The rules that judge the entries.</summary>
    public required FormatRules<TFormat> Rules { get; init; }

    /// <summary>The roots, in the image's order, each once.</summary>
    public required ImmutableArray<NamedRoot<TFormat>> Roots { get; init; }

    /// <summary>The software whose use of the format is shown; null for none.</summary>
    public required ChosenOverlay? Overlay { get; init; }

    /// <summary>The values of an entry that holds nothing.</summary>
    public ImmutableArray<ulong> EmptyValues => Overlay?.Variant.EmptyValues ?? [0];
}
