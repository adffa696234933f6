using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Translates many addresses at once.</summary>
public static class BatchWalk
{
    /// <summary>
    /// Translates each of <paramref name="addresses"/> with the answers that single walks give. Entries of many addresses are on
    /// their way from memory at once, and neighbours that share tables share the reads of what lies above, so sorted or clustered
    /// addresses are the fastest.
    /// </summary>
    /// <remarks>
    /// Allocates nothing. On live memory an upper entry may be read once for several neighbours that share it; the entry that an
    /// answer ends at is read once for that answer, in place where many neighbours lie in one lowest table.
    /// </remarks>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walks start.</param>
    /// <param name="addresses">What to translate.</param>
    /// <param name="access">What the accesses need.</param>
    /// <param name="results">The answers, in the same order; at least as long as <paramref name="addresses"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>.</exception>
    public static void Walk<TFormat, TMemory>(
        in TMemory memory,
        Root<TFormat> root,
        ReadOnlySpan<InputAddress> addresses,
        Access access,
        Span<WalkResult> results)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        Check(addresses, results);
        GroupedWalk<TFormat, TMemory>.Run(in memory, root, addresses, access, results, Vector256.IsHardwareAccelerated);
    }

    /// <summary>
    /// The same through an index of a snapshot. Where tables changed after it was made, an answer may go by what those above the lowest
    /// ones held then; the lowest ones are read as they are.
    /// </summary>
    /// <remarks>Allocates nothing.</remarks>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are: the memory that the index was made from.</param>
    /// <param name="index">The index.</param>
    /// <param name="addresses">What to translate.</param>
    /// <param name="access">What the accesses need.</param>
    /// <param name="results">The answers, in the same order; at least as long as <paramref name="addresses"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="results"/> is shorter than <paramref name="addresses"/>.</exception>
    public static void Walk<TFormat, TMemory>(
        in TMemory memory,
        SnapshotIndex<TFormat> index,
        ReadOnlySpan<InputAddress> addresses,
        Access access,
        Span<WalkResult> results)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(index);
        Check(addresses, results);
        GroupedWalk<TFormat, TMemory>.Run(
            in memory, index.Root, addresses, access, results, Vector256.IsHardwareAccelerated, index);
    }

    private static void Check(ReadOnlySpan<InputAddress> addresses, Span<WalkResult> results)
    {
        if (results.Length < addresses.Length)
        {
            throw new ArgumentException(
                $"{addresses.Length} addresses need as many results, not {results.Length}.", nameof(results));
        }
    }
}
