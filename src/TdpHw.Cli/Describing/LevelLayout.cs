using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>A layout that entries at a level can have.</summary>
/// <param name="Level">The level.</param>
/// <param name="Layout">The layout.</param>
/// <param name="ReservedWithout">
/// The bits that are reserved in it when the hardware lacks some capabilities, given as a bit for each by index.
/// </param>
internal sealed record LevelLayout(int Level, EntryLayout Layout, Func<uint, ulong> ReservedWithout);
