namespace TdpHw.Formats;

/// <summary>What lies below a root, counted.</summary>
/// <param name="Levels">The counts of each level, level 1 first.</param>
/// <param name="TablePages">How many different tables were read, by address and level.</param>
/// <param name="NotInMemory">Table entries whose table is not in memory.</param>
/// <param name="Cycles">Table entries whose table is on their own path.</param>
public sealed record TreeCounts(IReadOnlyList<LevelCounts> Levels, int TablePages, ulong NotInMemory, ulong Cycles);
