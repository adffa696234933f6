using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>
/// A batch in groups of addresses. A group goes down by one table at a time: it asks the memory for the entries that it needs next,
/// and other groups go on while they are on their way. A group whose addresses all lie in one lowest table goes through it at once.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
internal ref struct GroupedWalk<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    /// <summary>How many levels a walk must have to be done in groups: the two lowest tables are no roots.</summary>
    public const int MinLevels = 3;

    // As many entries on their way as a processor can wait for, and a few more.
    private const int GroupSize = 64;
    private const int Groups = 3;
    private const int EntriesPerLine = 8;

    private readonly ref readonly TMemory _memory;
    private readonly Root<TFormat> _root;
    private readonly Access _access;
    private readonly Rights _needed;
    private UpperTables _upper;
    private UsualEntry _usualLeaf = UsualEntry.None;
    private UsualAnswer _usualAnswer;
    private ulong _address;
    private int _known;
    private LowestTable _lowest;

    /// <summary>A batch before its first address.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walks start.</param>
    /// <param name="access">What the accesses need.</param>
    public GroupedWalk(ref readonly TMemory memory, Root<TFormat> root, Access access)
    {
        _memory = ref memory;
        _root = root;
        _access = access;
        _needed = access.Needed();
        _known = root.Levels;
        for (int level = 1; level <= root.Levels; level++)
        {
            _upper[level - 1] = new UpperTable
            {
                Table = root.Table.Value,
                Rights = root.Rights,
                SharedBy = level == root.Levels ? 63 : root.Rules[level + 1].Shift,
                Usual = UsualEntry.None,
            };
        }
    }

    /// <summary>Translates all of <paramref name="addresses"/>.</summary>
    public void Run(ReadOnlySpan<InputAddress> addresses, Span<WalkResult> results)
    {
        Span<PendingWalk> pending = stackalloc PendingWalk[Groups * GroupSize];
        Span<Group> groups = stackalloc Group[Groups];
        int starts = (addresses.Length + GroupSize - 1) / GroupSize;
        int begun = 0;
        for (int turn = 0; turn < starts + Groups - 1; turn++)
        {
            // The oldest first, whose entries have been on their way for the longest.
            for (int stage = Groups - 1; stage >= 0; stage--)
            {
                int number = turn - stage;
                if (number < 0 || number >= starts)
                {
                    continue;
                }

                int slot = (begun + Groups - stage) % Groups;
                int start = number * GroupSize;
                int count = Math.Min(GroupSize, addresses.Length - start);
                ReadOnlySpan<InputAddress> part = addresses.Slice(start, count);
                Span<WalkResult> answers = results.Slice(start, count);
                Span<PendingWalk> walks = pending.Slice(slot * GroupSize, GroupSize);
                switch (stage)
                {
                    case 0:
                        Begin(part, answers, walks, out groups[slot]);
                        break;
                    case 1:
                        Continue(part, answers, walks, ref groups[slot]);
                        break;
                    default:
                        End(part, answers, walks[..groups[slot].Count], groups[slot].IsRun);
                        break;
                }
            }

            begun = (begun + 1) % Groups;
        }
    }

    /// <summary>Goes down to the tables above the lowest ones and asks for their entries.</summary>
    private void Begin(
        scoped ReadOnlySpan<InputAddress> addresses, scoped Span<WalkResult> results, scoped Span<PendingWalk> pending, out Group group)
    {
        group = new Group { IsRun = IsRun(addresses) };
        int shift = _root.Rules[2].Shift;
        for (int i = 0; i < addresses.Length; i++)
        {
            InputAddress address = addresses[i];
            if (!_root.Covers(address))
            {
                results[i] = WalkResult.TooWide;
            }
            else if (TryGoDown(address, ref results[i]))
            {
                pending[group.Count++] = new PendingWalk(_upper[1].Table + Offset(address, shift), i, _upper[1].Rights);
                if (group.IsRun)
                {
                    break;
                }
            }
            else
            {
                group.IsRun = false;
            }
        }

        Prefetch(pending[..group.Count]);
    }

    /// <summary>Goes down to the lowest tables and asks for their entries.</summary>
    private void Continue(
        scoped ReadOnlySpan<InputAddress> addresses, scoped Span<WalkResult> results, scoped Span<PendingWalk> pending, ref Group group)
    {
        LevelRules rules = _root.Rules[2];
        int shift = _root.Rules[1].Shift;
        ulong region = addresses[0].Value >> rules.Shift;
        if (group.IsRun && _lowest.IsKnown && region == _lowest.Region)
        {
            pending[0] = new PendingWalk(_lowest.Table + Offset(addresses[0], shift), 0, _lowest.Rights);
        }
        else
        {
            int count = group.Count;
            group.Count = 0;
            for (int i = 0; i < count; i++)
            {
                PendingWalk walk = pending[i];
                InputAddress address = addresses[walk.Index];
                Rights rights = walk.Rights;
                if (TryDescend(
                    rules, ref _upper[1].Usual, walk.EntryAddress, address, ref rights, out ulong table, ref results[walk.Index]))
                {
                    pending[group.Count++] = new PendingWalk(table + Offset(address, shift), walk.Index, rights);
                    _lowest = new LowestTable { IsKnown = true, Region = address.Value >> rules.Shift, Table = table, Rights = rights };
                }
            }
        }

        if (!group.IsRun)
        {
            Prefetch(pending[..group.Count]);
        }
        else if (group.Count == 0)
        {
            // They all end at the entry that the first one ended at, each with its own answer.
            group.IsRun = false;
            for (int i = 1; i < addresses.Length; i++)
            {
                results[i] = TFormat.Walk(in _memory, _root, addresses[i], _access);
            }
        }
        else
        {
            ulong table = pending[0].EntryAddress - Offset(addresses[0], shift);
            for (int i = 0; i < addresses.Length; i += EntriesPerLine)
            {
                Prefetch(table + Offset(addresses[i], shift));
            }
        }
    }

    private void End(
        scoped ReadOnlySpan<InputAddress> addresses, scoped Span<WalkResult> results, scoped ReadOnlySpan<PendingWalk> pending, bool isRun)
    {
        LevelRules rules = _root.Rules[1];
        if (isRun)
        {
            ulong table = pending[0].EntryAddress - Offset(addresses[0], rules.Shift);
            for (int i = 0; i < addresses.Length; i++)
            {
                Finish(rules, table + Offset(addresses[i], rules.Shift), addresses[i], pending[0].Rights, out results[i]);
            }

            return;
        }

        foreach (PendingWalk walk in pending)
        {
            Finish(rules, walk.EntryAddress, addresses[walk.Index], walk.Rights, out results[walk.Index]);
        }
    }

    /// <summary>Whether all addresses lie in one lowest table.</summary>
    private readonly bool IsRun(ReadOnlySpan<InputAddress> addresses)
    {
        ulong difference = 0;
        foreach (InputAddress address in addresses)
        {
            difference |= address.Value ^ addresses[0].Value;
        }

        return difference >> _root.Rules[2].Shift == 0;
    }

    /// <summary>Goes down from the lowest known table that an address shares with the last one to that at level 2.</summary>
    /// <returns>Whether the walk gets there; otherwise it has its answer.</returns>
    private bool TryGoDown(InputAddress address, ref WalkResult result)
    {
        ulong difference = address.Value ^ _address;
        _address = address.Value;
        int level = _known;
        while (level < _root.Levels && difference >> _upper[level - 1].SharedBy != 0)
        {
            level++;
        }

        for (; level > 2; level--)
        {
            _known = level;
            LevelRules rules = _root.Rules[level];
            ref UpperTable at = ref _upper[level - 1];
            ulong slot = _root.EntryAddress(new(at.Table), address, level).Value;
            Rights rights = at.Rights;
            if (!TryDescend(rules, ref at.Usual, slot, address, ref rights, out ulong table, ref result))
            {
                return false;
            }

            ref UpperTable below = ref _upper[level - 2];
            below.Table = table;
            below.Rights = rights;
        }

        _known = level;
        return true;
    }

    /// <summary>Goes down through an entry that leads to a table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool TryDescend(
        LevelRules rules,
        ref UsualEntry usual,
        ulong entryAddress,
        InputAddress address,
        ref Rights rights,
        out ulong table,
        ref WalkResult result)
    {
        if (!_memory.TryReadEntry(new(entryAddress), out ulong entry))
        {
            result = WalkResult.Stopped(WalkOutcome.NotInMemory, rules.Level, rights, 0, entryAddress);
            table = 0;
            return false;
        }

        if (usual.Matches(entry))
        {
            Rights granted = rights & usual.Rights;
            if (TFormat.CheckOrder != CheckOrder.PermissionFirst || (rules.Effective(granted) & _needed) == _needed)
            {
                rights = granted;
                table = ((entry & rules.TableAddress) << TFormat.AddressShift) | usual.HighAddress;
                return true;
            }
        }

        return TryDescendSlowly(rules, ref usual, entry, entryAddress, address, ref rights, out table, ref result);
    }

    private readonly bool TryDescendSlowly(
        LevelRules rules,
        ref UsualEntry usual,
        ulong entry,
        ulong entryAddress,
        InputAddress address,
        ref Rights rights,
        out ulong table,
        ref WalkResult result)
    {
        table = 0;
        if (!WalkStep.TryDescend<TFormat>(
            rules, entry, new(entryAddress), address, _access, ref rights, out HostPhysicalAddress at, out int next, out WalkResult answer))
        {
            result = answer;
            return false;
        }

        if (next != rules.Level - 1)
        {
            // A group goes down level by level; an address that skips one goes its own way.
            result = TFormat.Walk(in _memory, _root, address, _access);
            return false;
        }

        usual = new UsualEntry(rules, entry);
        table = at.Value;
        return true;
    }

    /// <summary>Answers a walk at its lowest table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Finish(LevelRules rules, ulong entryAddress, InputAddress address, Rights rights, out WalkResult result)
    {
        if (!_memory.TryReadEntry(new(entryAddress), out ulong entry))
        {
            result = WalkResult.Stopped(WalkOutcome.NotInMemory, rules.Level, rights, 0, entryAddress);
        }
        else if (_usualLeaf.Matches(entry) && rights == _usualAnswer.Above)
        {
            ulong output = ((entry & rules.LeafAddress) << TFormat.AddressShift) | _usualLeaf.HighAddress
                | (address.Value & (rules.PageSize - 1));
            result = _usualAnswer.Answer.At(entry, entryAddress, output);
        }
        else
        {
            FinishSlowly(rules, entry, entryAddress, address, rights, out result);
        }
    }

    private void FinishSlowly(
        LevelRules rules, ulong entry, ulong entryAddress, InputAddress address, Rights rights, out WalkResult result)
    {
        Rights above = rights;
        WalkStep.TryDescend<TFormat>(rules, entry, new(entryAddress), address, _access, ref rights, out _, out _, out result);
        if (result.PageShift == rules.Shift)
        {
            _usualLeaf = new UsualEntry(rules, entry);
            _usualAnswer = new UsualAnswer { Above = above, Answer = result };
        }
    }

    /// <summary>How many bytes into a table that is no root the entry of an address lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Offset(InputAddress address, int shift) =>
        ((address.Value >> shift) & ((1ul << TFormat.IndexBits) - 1)) * sizeof(ulong);

    /// <summary>
    /// Has the processor fetch the lines of many entries. In a loop of its own: a fetch whose page the processor does not know is done
    /// only when it does, and no more of them are under way at once than fit into the window of instructions that it looks at.
    /// </summary>
    private readonly void Prefetch(scoped ReadOnlySpan<PendingWalk> pending)
    {
        foreach (ref readonly PendingWalk walk in pending)
        {
            Prefetch(walk.EntryAddress);
        }
    }

    /// <summary>Has the processor fetch the line of an entry. Nothing is read; where the entry is not in memory nothing is done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Prefetch(ulong entryAddress)
    {
        if (Sse.IsSupported && _memory.TryGetTable(new(entryAddress), 1, out ReadOnlySpan<ulong> entry))
        {
            Lines.Fetch(in MemoryMarshal.GetReference(entry));
        }
    }

    /// <summary>A walk that has its next entry on the way.</summary>
    /// <param name="EntryAddress">Where the entry lies.</param>
    /// <param name="Index">Which of the group it is.</param>
    /// <param name="Rights">The rights along the path above.</param>
    private readonly record struct PendingWalk(ulong EntryAddress, int Index, Rights Rights);

    /// <summary>A group on its way down.</summary>
    private struct Group
    {
        /// <summary>How many walks are pending; of a run one, for all.</summary>
        public int Count;

        /// <summary>Whether all go through one lowest table.</summary>
        public bool IsRun;
    }

    /// <summary>The lowest table that the last walk went to.</summary>
    private struct LowestTable
    {
        public bool IsKnown;
        public ulong Region;
        public ulong Table;
        public Rights Rights;
    }

    /// <summary>The answer of the last leaf that was judged.</summary>
    private struct UsualAnswer
    {
        public Rights Above;
        public WalkResult Answer;
    }

    /// <summary>The last table at a level.</summary>
    private struct UpperTable
    {
        public ulong Table;
        public Rights Rights;

        /// <summary>Addresses that are equal from this bit on go through the same table.</summary>
        public int SharedBy;

        /// <summary>What its entries usually look like.</summary>
        public UsualEntry Usual;
    }

    [InlineArray(FormatLimits.MaxLevels)]
    private struct UpperTables
    {
        private UpperTable _first;
    }
}
