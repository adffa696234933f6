using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>A layout that entries at a level can have.</summary>
/// <param name="Level">The level.</param>
/// <param name="Layout">The layout.</param>
/// <param name="ReservedWithout">
/// The bits that are reserved in it when the hardware lacks some capabilities, given as a bit for each by index.
/// </param>
internal sealed record LevelLayout(int Level, EntryLayout Layout, Func<uint, ulong> ReservedWithout)
{
    /// <summary>The bits that tell a leaf from a table; 0 where the layout is no leaf's, or all entries are leaves.</summary>
    public ulong LeafBits { get; init; }

    /// <summary>The capabilities, a bit for each by index, without any of which there are no such leaves.</summary>
    public uint LeafNeeds { get; init; }

    /// <summary>The bits that are reserved in an entry that would be a leaf if all those were there.</summary>
    public ulong RefusedBits { get; init; }

    /// <summary>The bits of a leaf that should be zero.</summary>
    public ulong Res0 { get; init; }
}
