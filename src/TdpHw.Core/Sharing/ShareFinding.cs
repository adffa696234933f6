using TdpHw.Formats;

namespace TdpHw.Core.Sharing;

/// <summary>What stands in the way, without counting where.</summary>
/// <param name="Code">Why.</param>
/// <param name="Bit">The bit at fault; null when it is no single bit.</param>
/// <param name="Level">The level of the entries, counted from 1.</param>
/// <param name="Kind"><see cref="EntryLayout.Leaf"/> or <see cref="EntryLayout.Table"/>.</param>
public readonly record struct ShareFinding(ShareCode Code, int? Bit, int Level, EntryLayout Kind);
