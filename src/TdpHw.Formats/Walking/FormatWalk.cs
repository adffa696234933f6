using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// The walk of any format, level by level in a loop. A format's own <see cref="IPageTableFormat{TSelf}.Walk{TMemory}"/>
/// gives the same answers faster for single addresses; this one can go on below the root.
/// </summary>
public static class FormatWalk
{
    /// <summary>Translates one address.</summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walk starts.</param>
    /// <param name="address">The address to translate.</param>
    /// <param name="access">What the access needs.</param>
    public static WalkResult Walk<TFormat, TMemory>(
        in TMemory memory, Root<TFormat> root, InputAddress address, Access access = Access.None)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!root.Covers(address))
        {
            return WalkResult.TooWide;
        }

        HostPhysicalAddress entryAddress = root.EntryAddress(root.Table, address, root.Levels);
        return memory.TryReadEntry(entryAddress, out ulong entry)
            ? Continue(in memory, root, address, access, root.Levels, root.Rights, entry, entryAddress)
            : WalkResult.Stopped(WalkOutcome.NotInMemory, root.Levels, root.Rights, 0, entryAddress.Value);
    }

    /// <summary>
    /// Goes on with a walk at an entry that was read: for walks that judge only the usual entries themselves and leave the others to
    /// this one.
    /// </summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walk started.</param>
    /// <param name="address">The address to translate, one that the root covers.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="level">The entry's level.</param>
    /// <param name="rights">The rights along the path above the entry.</param>
    /// <param name="entry">The entry, as it was read.</param>
    /// <param name="entryAddress">Where it lies.</param>
    // Seldom gone to, and large: kept out of the walks that can come here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static WalkResult Continue<TFormat, TMemory>(
        in TMemory memory,
        Root<TFormat> root,
        InputAddress address,
        Access access,
        int level,
        Rights rights,
        ulong entry,
        HostPhysicalAddress entryAddress)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        WalkResult result;
        while (WalkStep.TryDescend<TFormat>(
            root.Rules[level],
            entry,
            entryAddress,
            address,
            access,
            ref rights,
            out HostPhysicalAddress table,
            out int next,
            out result))
        {
            level = next;
            entryAddress = root.EntryAddress(table, address, level);
            if (!memory.TryReadEntry(entryAddress, out entry))
            {
                return WalkResult.Stopped(WalkOutcome.NotInMemory, level, rights, 0, entryAddress.Value);
            }
        }

        return result;
    }
}
