namespace TdpHw.Formats;

/// <summary>How many entries of each kind stand at a level, counted once for each way from the root.</summary>
/// <param name="Tables">Well-formed entries that point to a table.</param>
/// <param name="Leaves">Well-formed leaves.</param>
/// <param name="Malformed">Present entries with a reserved bit set or a refused combination.</param>
/// <param name="NotPresent">Entries that are not present and hold something.</param>
/// <param name="Accessed">Leaves that the hardware has marked as used.</param>
/// <param name="Dirty">Leaves that the hardware has marked as written.</param>
public readonly record struct LevelCounts(
    ulong Tables, ulong Leaves, ulong Malformed, ulong NotPresent, ulong Accessed, ulong Dirty)
{
    /// <summary>The counts of both. Sums stop at the largest number instead of wrapping.</summary>
    public static LevelCounts operator +(LevelCounts left, LevelCounts right) => new(
        Sum(left.Tables, right.Tables),
        Sum(left.Leaves, right.Leaves),
        Sum(left.Malformed, right.Malformed),
        Sum(left.NotPresent, right.NotPresent),
        Sum(left.Accessed, right.Accessed),
        Sum(left.Dirty, right.Dirty));

    private static ulong Sum(ulong left, ulong right) => left > ulong.MaxValue - right ? ulong.MaxValue : left + right;
}
