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
        while (true)
        {
            LevelRules rules = root.Rules[level];
            Step step = _steps[level - 1];
            _lowest = level;
            ulong entryAddress = root.EntryAddress(new(step.Table), address, level).Value;
            if (!memory.TryReadEntry(new(entryAddress), out ulong entry))
            {
                return WalkResult.Stopped(WalkOutcome.NotInMemory, level, step.Rights, 0, entryAddress);
            }

            Rights rights = step.Rights;
            if (!WalkStep.TryDescend<TFormat>(
                rules,
                entry,
                new(entryAddress),
                address,
                access,
                ref rights,
                out HostPhysicalAddress table,
                out int next,
                out WalkResult result))
            {
                return result;
            }

            // What is known of the levels that an entry skips belongs to other addresses.
            _known &= ~((1u << level) - 1);
            _known |= 1u << next;
            level = next;
            _steps[level - 1] = new Step(table.Value, rights);
        }
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
