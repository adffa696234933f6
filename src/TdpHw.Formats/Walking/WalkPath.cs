using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// The tables that a walk went through, so that the next walk can start at the lowest table both addresses share: what a
/// paging-structure cache does in hardware.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
internal struct WalkPath<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private Steps _steps;
    private uint _known;
    private int _lowest;
    private ulong _address;

    /// <summary>A path that knows the root table only.</summary>
    public WalkPath(Root<TFormat> root)
    {
        _lowest = root.Levels;
        _known = 1u << root.Levels;
        _steps[root.Levels - 1] = new Step(root.Table.Value, root.Rights);
    }

    /// <summary>Walks from the lowest known table that <paramref name="address"/> shares with the last one.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">The root that the path was made with.</param>
    /// <param name="address">An address that the root covers.</param>
    /// <param name="access">What the access needs.</param>
    public WalkResult Walk<TMemory>(in TMemory memory, Root<TFormat> root, InputAddress address, Access access)
        where TMemory : struct, IPhysicalMemory
    {
        int level = LowestShared(root, address.Value);
        _address = address.Value;
        _lowest = level;
        Step step = _steps[level - 1];
        HostPhysicalAddress entryAddress = root.EntryAddress(new(step.Table), address, level);
        return memory.TryReadEntry(entryAddress, out ulong entry)
            ? Continue(in memory, root, address, access, level, step.Rights, entry, entryAddress)
            : WalkResult.Stopped(WalkOutcome.NotInMemory, level, step.Rights, 0, entryAddress.Value);
    }

    /// <summary>Goes on with a walk at an entry that was read.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">The root that the path was made with.</param>
    /// <param name="address">The address that the walk translates.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="level">The entry's level.</param>
    /// <param name="rights">The rights along the path above the entry.</param>
    /// <param name="entry">The entry, as it was read.</param>
    /// <param name="entryAddress">Where it lies.</param>
    public WalkResult Continue<TMemory>(
        in TMemory memory,
        Root<TFormat> root,
        InputAddress address,
        Access access,
        int level,
        Rights rights,
        ulong entry,
        HostPhysicalAddress entryAddress)
        where TMemory : struct, IPhysicalMemory
    {
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
            // What is known of the levels that an entry skips belongs to other addresses.
            _known &= ~((1u << level) - 1);
            _known |= 1u << next;
            _lowest = level = next;
            _steps[level - 1] = new Step(table.Value, rights);
            entryAddress = root.EntryAddress(table, address, level);
            if (!memory.TryReadEntry(entryAddress, out entry))
            {
                return WalkResult.Stopped(WalkOutcome.NotInMemory, level, rights, 0, entryAddress.Value);
            }
        }

        return result;
    }

    private readonly int LowestShared(Root<TFormat> root, ulong address)
    {
        int level = _lowest;
        ulong difference = address ^ _address;
        while (level < root.Levels && ((_known >> level & 1) == 0 || difference >> root.Rules[level + 1].Shift != 0))
        {
            level++;
        }

        return level;
    }

    private readonly record struct Step(ulong Table, Rights Rights);

    [InlineArray(FormatLimits.MaxLevels)]
    private struct Steps
    {
        private Step _first;
    }
}
