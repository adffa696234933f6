using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>
/// A batch in groups of walks that go down side by side, a level at a time: first the entries of all are read, so that none waits for
/// another's, then they are judged, four at a time where they look as usual. Neighbours that lie in one lowest table go down as one
/// walk, and through that table at once.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
internal ref struct GroupedWalk<TFormat, TMemory>
    where TFormat : struct, IPageTableFormat<TFormat>
    where TMemory : struct, IPhysicalMemory
{
    private const int Lanes = 4;

    // While one run is answered, the memory brings the entries of so many more.
    private const int RunsAhead = 3;

    private readonly TMemory _memory;
    private readonly Root<TFormat> _root;
    private readonly Access _access;
    private readonly bool _sideBySide;
    private readonly SnapshotIndex<TFormat>? _index;
    private readonly ref ulong _addresses;
    private readonly int _count;
    private readonly Span<WalkResult> _results;
    private PendingWalks _walks;
    private bool _areRuns;
    private UsualSteps _tables;
    private UsualSteps _leaves;
    private LowestTables<TFormat> _lowest;
    private readonly AddressRuns _runs;

    private GroupedWalk(
        in TMemory memory,
        Root<TFormat> root,
        ReadOnlySpan<ulong> addresses,
        Access access,
        Span<WalkResult> results,
        PendingWalks walks,
        bool sideBySide,
        SnapshotIndex<TFormat>? index)
    {
        _memory = memory;
        _root = root;
        _access = access;
        _sideBySide = sideBySide;
        _index = index;

        // Addresses that are equal from this bit on are all covered by the root or none is.
        int runShift = root.Levels > 1 ? root.Rules[2].Shift : root.InputBits - 1;
        _runs = new AddressRuns(addresses, runShift, sideBySide);
        _lowest = new LowestTables<TFormat>(root, addresses, access, results, sideBySide);
        _addresses = ref MemoryMarshal.GetReference(addresses);
        _count = addresses.Length;
        _results = results;
        _walks = walks;
        for (int level = 1; level <= root.Levels; level++)
        {
            _tables[level - 1] = UsualStep.None;
            _leaves[level - 1] = UsualStep.None;
        }
    }

    /// <summary>Translates all of <paramref name="addresses"/>.</summary>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walks start.</param>
    /// <param name="addresses">What to translate.</param>
    /// <param name="access">What the accesses need.</param>
    /// <param name="results">The answers, in the same order; at least as long as <paramref name="addresses"/>.</param>
    /// <param name="sideBySide">Whether to judge four entries at a time.</param>
    /// <param name="index">An index of what <paramref name="root"/> leads to, if there is one.</param>
    [SkipLocalsInit]
    public static void Run(
        in TMemory memory,
        Root<TFormat> root,
        ReadOnlySpan<InputAddress> addresses,
        Access access,
        Span<WalkResult> results,
        bool sideBySide,
        SnapshotIndex<TFormat>? index = null)
    {
        var walks = new PendingWalks(
            stackalloc ulong[PendingWalks.Capacity],
            stackalloc ulong[PendingWalks.Capacity],
            stackalloc ulong[PendingWalks.Capacity],
            stackalloc int[PendingWalks.Capacity],
            stackalloc int[PendingWalks.Capacity],
            stackalloc Rights[PendingWalks.Capacity]);
        var walk = new GroupedWalk<TFormat, TMemory>(
            in memory, root, MemoryMarshal.Cast<InputAddress, ulong>(addresses), access, results, walks, sideBySide, index);
        int done = 0;
        while (done < addresses.Length)
        {
            done = walk._runs.BeginsAt(done) ? walk.TakeRuns(done) : walk.TakeSingles(done);
        }
    }

    /// <summary>Translates the runs from <paramref name="start"/> on.</summary>
    /// <returns>How many addresses are done.</returns>
    private int TakeRuns(int start)
    {
        _areRuns = true;
        int next = start;
        int count = 0;
        ulong first = Unsafe.Add(ref _addresses, start);
        ulong difference = 0;
        for (int length; count < PendingWalks.Capacity && next < _count; next += length)
        {
            // What lies between two runs, as where neighbours come to the next table, goes with them.
            length = _runs.LengthAt(next);
            if (length < AddressRuns.Least && !_runs.BeginsAt(next + length))
            {
                break;
            }

            ulong address = Unsafe.Add(ref _addresses, next);
            if (!_root.Covers(new(address)))
            {
                _results.Slice(next, length).Fill(WalkResult.TooWide);
                continue;
            }

            difference |= address ^ first;
            Unsafe.Add(ref _walks.Addresses, count) = address;
            Unsafe.Add(ref _walks.Places, count) = next;
            Unsafe.Add(ref _walks.Lengths, count) = length;
            count++;
        }

        _walks.Count = count;
        GoDown(difference);
        return next;
    }

    /// <summary>Translates the addresses from <paramref name="start"/> on, up to where a run begins.</summary>
    /// <returns>How many addresses are done.</returns>
    private int TakeSingles(int start)
    {
        _areRuns = false;
        int last = Math.Min(start + PendingWalks.Capacity, _count);
        int end = Math.Min(start + AddressRuns.Least, last);
        while (end < last && !_runs.BeginsAt(end))
        {
            end = Math.Min(end + AddressRuns.Least, last);
        }

        ulong difference = Begin(start, end - start);
        if (difference >> (_root.InputBits - 1) != 0 || !_root.Covers(new(_walks.Addresses)))
        {
            EndUncovered();
        }

        if (_index is not null)
        {
            EndIndexed(_index);
        }

        GoDown(difference);
        return end;
    }

    /// <summary>Begins a walk for each of some addresses, in place of all others.</summary>
    /// <returns>The bits in which any address differs from the first.</returns>
    private ulong Begin(int start, int count)
    {
        _walks.Count = count;
        ref ulong addresses = ref Unsafe.Add(ref _addresses, start);
        ulong difference = 0;
        int i = 0;
        if (_sideBySide)
        {
            Vector256<ulong> first = Vector256.Create(addresses);
            Vector256<ulong> differences = Vector256<ulong>.Zero;
            for (; i + Lanes <= count; i += Lanes)
            {
                Vector256<ulong> four = Vector256.LoadUnsafe(ref addresses, (nuint)i);
                differences |= four ^ first;
                four.StoreUnsafe(ref _walks.Addresses, (nuint)i);
                (Vector128.Create(start + i) + Vector128<int>.Indices).StoreUnsafe(ref _walks.Places, (nuint)i);
            }

            difference = differences[0] | differences[1] | differences[2] | differences[3];
        }

        for (; i < count; i++)
        {
            ulong address = Unsafe.Add(ref addresses, i);
            difference |= address ^ addresses;
            Unsafe.Add(ref _walks.Addresses, i) = address;
            Unsafe.Add(ref _walks.Places, i) = start + i;
        }

        return difference;
    }

    /// <summary>Ends the walks for addresses that the root does not cover.</summary>
    private void EndUncovered()
    {
        int kept = 0;
        for (int i = 0; i < _walks.Count; i++)
        {
            if (_root.Covers(new(Unsafe.Add(ref _walks.Addresses, i))))
            {
                _walks.Move(i, kept++);
            }
            else
            {
                _results[Unsafe.Add(ref _walks.Places, i)] = WalkResult.TooWide;
            }
        }

        _walks.Count = kept;
    }

    /// <summary>Ends the walks whose lowest tables an index knows.</summary>
    private void EndIndexed(SnapshotIndex<TFormat> index)
    {
        int all = _walks.Count;
        int known = index.Enter(in _walks, _access, _sideBySide);
        _walks.Count = known;
        Read();
        _lowest.End(in _walks);
        for (int i = known; i < all; i++)
        {
            _walks.Move(i, i - known);
        }

        _walks.Count = all - known;
    }

    /// <summary>Takes all walks to their ends.</summary>
    /// <param name="difference">The bits in which their addresses differ.</param>
    private void GoDown(ulong difference)
    {
        if (_walks.Count == 0)
        {
            return;
        }

        int level = _root.Levels;
        ulong table = _root.Table.Value;
        Rights rights = _root.Rights;
        for (; level > 1 && difference >> _root.Rules[level].Shift == 0; level--)
        {
            if (!TryGoDownTogether(level, ref table, ref rights))
            {
                return;
            }
        }

        Enter(level, table, rights);
        for (; level > 1; level--)
        {
            ReadUpper(level);
            Descend(level);
        }

        if (_areRuns)
        {
            EndRuns();
        }
        else
        {
            Read();
            _lowest.End(in _walks);
        }
    }

    /// <summary>Goes down through an entry that all addresses share.</summary>
    /// <returns>Whether there is a table below; otherwise all have their answers.</returns>
    private bool TryGoDownTogether(int level, ref ulong table, ref Rights rights)
    {
        LevelRules rules = _root.Rules[level];
        ulong entryAddress = table + Offset(_walks.Addresses, level);
        bool isInMemory = _memory.TryReadEntry(new(entryAddress), out ulong entry);
        Rights above = rights;
        if (isInMemory
            && WalkStep.TryDescend<TFormat>(
                rules,
                entry,
                new(entryAddress),
                new(_walks.Addresses),
                _access,
                ref rights,
                out HostPhysicalAddress below,
                out int next,
                out _)
            && next == level - 1)
        {
            table = below.Value;
            return true;
        }

        for (int i = 0; i < _walks.Count; i++)
        {
            if (!isInMemory)
            {
                Finish(i, WalkResult.Stopped(WalkOutcome.NotInMemory, level, above, 0, entryAddress));
                continue;
            }

            // Where an entry skips levels, even whether it leads on depends on the address.
            rights = above;
            _ = TryDescend(rules, i, entry, entryAddress, ref rights, out _);
        }

        return false;
    }

    /// <summary>Has all walks read in one table next.</summary>
    private void Enter(int level, ulong table, Rights rights)
    {
        MemoryMarshal.CreateSpan(ref _walks.Rights, _walks.Count).Fill(rights);
        int shift = _root.Rules[level].Shift;
        ulong mask = _root.IndexMask(level);
        int i = 0;
        if (_sideBySide)
        {
            for (; i + Lanes <= _walks.Count; i += Lanes)
            {
                Vector256<ulong> index = Vector256.LoadUnsafe(ref _walks.Addresses, (nuint)i) >> shift & Vector256.Create(mask);
                (Vector256.Create(table) + (index << 3)).StoreUnsafe(ref _walks.EntryAddresses, (nuint)i);
            }
        }

        for (; i < _walks.Count; i++)
        {
            Unsafe.Add(ref _walks.EntryAddresses, i) = table + ((Unsafe.Add(ref _walks.Addresses, i) >> shift & mask) << 3);
        }
    }

    /// <summary>Reads the next entries above the lowest tables; neighbours that need the same one share it.</summary>
    private void ReadUpper(int level)
    {
        TMemory memory = _memory;
        ref ulong entryAddresses = ref _walks.EntryAddresses;
        ref ulong entries = ref _walks.Entries;
        int count = _walks.Count;
        ulong last = ulong.MaxValue;
        ulong entry = 0;
        for (int i = 0; i < count; i++)
        {
            ulong entryAddress = Unsafe.Add(ref entryAddresses, i);
            if (entryAddress != last && !memory.TryReadEntry(new(last = entryAddress), out entry))
            {
                ReadRest(level, i);
                return;
            }

            Unsafe.Add(ref entries, i) = entry;
        }
    }

    /// <summary>Reads the entries in the lowest tables.</summary>
    private void Read()
    {
        TMemory memory = _memory;
        ref ulong entryAddresses = ref _walks.EntryAddresses;
        ref ulong entries = ref _walks.Entries;
        int count = _walks.Count;
        for (int i = 0; i < count; i++)
        {
            if (!memory.TryReadEntry(new(Unsafe.Add(ref entryAddresses, i)), out Unsafe.Add(ref entries, i)))
            {
                ReadRest(1, i);
                return;
            }
        }
    }

    /// <summary>Reads the entries from <paramref name="start"/> on; walks whose entry is not in memory end here.</summary>
    private void ReadRest(int level, int start)
    {
        int kept = start;
        for (int i = start; i < _walks.Count; i++)
        {
            ulong entryAddress = Unsafe.Add(ref _walks.EntryAddresses, i);
            if (!_memory.TryReadEntry(new(entryAddress), out ulong entry))
            {
                Finish(i, WalkResult.Stopped(WalkOutcome.NotInMemory, level, Unsafe.Add(ref _walks.Rights, i), 0, entryAddress));
                continue;
            }

            _walks.Move(i, kept);
            Unsafe.Add(ref _walks.EntryAddresses, kept) = entryAddress;
            Unsafe.Add(ref _walks.Rights, kept) = Unsafe.Add(ref _walks.Rights, i);
            Unsafe.Add(ref _walks.Entries, kept) = entry;
            kept++;
        }

        _walks.Count = kept;
    }

    /// <summary>Takes the walks through the entries that they have read; those whose entry leads to no table end here.</summary>
    private void Descend(int level)
    {
        LevelRules rules = _root.Rules[level];
        int kept = 0;
        for (int i = 0; i < _walks.Count;)
        {
            if (_sideBySide)
            {
                DescendSideBySide(rules, ref i, ref kept);
            }

            for (int end = Math.Min(i + Lanes, _walks.Count); i < end; i++)
            {
                Rights rights = Unsafe.Add(ref _walks.Rights, i);
                if (TryDescend(
                    rules, i, Unsafe.Add(ref _walks.Entries, i), Unsafe.Add(ref _walks.EntryAddresses, i), ref rights, out ulong table))
                {
                    _walks.Move(i, kept);
                    Unsafe.Add(ref _walks.EntryAddresses, kept) = table + Offset(Unsafe.Add(ref _walks.Addresses, kept), level - 1);
                    Unsafe.Add(ref _walks.Rights, kept) = rights;
                    kept++;
                }
            }
        }

        _walks.Count = kept;
    }

    /// <summary>Takes walks through their entries as long as four at a time do the usual.</summary>
    private void DescendSideBySide(LevelRules rules, ref int from, ref int to)
    {
        ref readonly UsualStep usual = ref _tables[rules.Level - 1];
        Vector256<ulong> mask = Vector256.Create(usual.Entry.Mask);
        Vector256<ulong> bits = Vector256.Create(usual.Entry.Bits);
        Vector256<ulong> tableAddress = Vector256.Create(rules.TableAddress);
        Vector256<ulong> highAddress = Vector256.Create(usual.Entry.HighAddress);
        Vector256<ulong> indexMask = Vector256.Create(_root.IndexMask(rules.Level - 1));
        int shift = _root.Rules[rules.Level - 1].Shift;
        uint above = PendingWalks.Four(usual.Above);
        uint below = PendingWalks.Four(usual.Below);
        int i = from;
        int kept = to;
        for (int count = _walks.Count; i + Lanes <= count; i += Lanes, kept += Lanes)
        {
            Vector256<ulong> entries = Vector256.LoadUnsafe(ref _walks.Entries, (nuint)i);
            if ((entries & mask) != bits || _walks.RightsOfFour(i) != above)
            {
                break;
            }

            Vector256<ulong> addresses = Vector256.LoadUnsafe(ref _walks.Addresses, (nuint)i);
            Vector256<ulong> tables = ((entries & tableAddress) << TFormat.AddressShift) | highAddress;
            (tables + ((addresses >> shift & indexMask) << 3)).StoreUnsafe(ref _walks.EntryAddresses, (nuint)kept);
            _walks.RightsOfFour(kept) = below;
            if (kept != i)
            {
                for (int lane = 0; lane < Lanes; lane++)
                {
                    _walks.Move(i + lane, kept + lane);
                }
            }
        }

        from = i;
        to = kept;
    }

    /// <summary>Takes a walk through an entry.</summary>
    /// <returns>Whether the walk goes on in the table below; otherwise it has its answer.</returns>
    private bool TryDescend(LevelRules rules, int walk, ulong entry, ulong entryAddress, ref Rights rights, out ulong table)
    {
        ref UsualStep usual = ref _tables[rules.Level - 1];
        if (usual.IsFor(entry, rights))
        {
            rights = usual.Below;
            table = ((entry & rules.TableAddress) << TFormat.AddressShift) | usual.Entry.HighAddress;
            return true;
        }

        table = 0;
        InputAddress address = new(Unsafe.Add(ref _walks.Addresses, walk));
        if (_leaves[rules.Level - 1].IsFor(entry, rights))
        {
            Finish(walk, _leaves[rules.Level - 1].Leaf<TFormat>(rules, entry, entryAddress, address));
            return false;
        }

        Rights above = rights;
        if (!WalkStep.TryDescend<TFormat>(
            rules, entry, new(entryAddress), address, _access, ref rights, out HostPhysicalAddress at, out int next, out WalkResult answer))
        {
            _ = UsualStep.TryLearnLeaf(rules, entry, above, answer, ref _leaves[rules.Level - 1]);
            Finish(walk, answer);
            return false;
        }

        if (next != rules.Level - 1)
        {
            // A group goes down level by level; an address that skips one goes its own way.
            int place = Unsafe.Add(ref _walks.Places, walk);
            for (int i = place; i < place + LengthOf(walk); i++)
            {
                _results[i] = FormatWalk.Continue(
                    in _memory, _root, new(Unsafe.Add(ref _addresses, i)), _access, rules.Level, above, entry, new(entryAddress));
            }

            return false;
        }

        usual = new UsualStep(rules, entry, above) { Below = rights };
        table = at.Value;
        return true;
    }

    /// <summary>Answers runs, each in its lowest table.</summary>
    private void EndRuns()
    {
        // The processor looks up where all tables are in its own memory at once, not one after the other when it comes to them.
        for (int i = RunsAhead; i < _walks.Count; i++)
        {
            FetchFirst(i);
        }

        for (int i = -RunsAhead; i < _walks.Count; i++)
        {
            Fetch(i + RunsAhead);
            if (i >= 0)
            {
                EndRun(i);
            }
        }
    }

    private void EndRun(int walk)
    {
        ulong table = Unsafe.Add(ref _walks.EntryAddresses, walk) - Offset(Unsafe.Add(ref _walks.Addresses, walk), 1);
        Rights rights = Unsafe.Add(ref _walks.Rights, walk);
        int start = Unsafe.Add(ref _walks.Places, walk);
        int length = Unsafe.Add(ref _walks.Lengths, walk);
        if (_memory.TryGetTable(new(table), (int)_root.IndexMask(1) + 1, out ReadOnlySpan<ulong> entries))
        {
            _lowest.EndRun(table, entries, rights, start, length);
            return;
        }

        for (int i = start; i < start + length; i++)
        {
            ulong address = Unsafe.Add(ref _addresses, i);
            ulong entryAddress = table + Offset(address, 1);
            _results[i] = _memory.TryReadEntry(new(entryAddress), out ulong entry)
                ? _lowest.Answer(entry, entryAddress, new(address), rights)
                : WalkResult.Stopped(WalkOutcome.NotInMemory, 1, rights, 0, entryAddress);
        }
    }

    /// <summary>Has the processor fetch the first entry of a run.</summary>
    private readonly void FetchFirst(int walk)
    {
        if (_memory.TryGetTable(new(Unsafe.Add(ref _walks.EntryAddresses, walk)), 1, out ReadOnlySpan<ulong> entry))
        {
            Lines.Fetch(in entry[0]);
        }
    }

    /// <summary>Has the processor fetch the entries of a run.</summary>
    private readonly void Fetch(int walk)
    {
        if (walk >= _walks.Count)
        {
            return;
        }

        ulong table = Unsafe.Add(ref _walks.EntryAddresses, walk) - Offset(Unsafe.Add(ref _walks.Addresses, walk), 1);
        if (_memory.TryGetTable(new(table), (int)_root.IndexMask(1) + 1, out ReadOnlySpan<ulong> entries))
        {
            int place = Unsafe.Add(ref _walks.Places, walk);
            for (int i = place; i < place + Unsafe.Add(ref _walks.Lengths, walk); i += Lines.EntriesPerLine)
            {
                Lines.Fetch(in entries[(int)(Offset(Unsafe.Add(ref _addresses, i), 1) / sizeof(ulong))]);
            }
        }
    }

    /// <summary>Gives a walk its answer; of a run all addresses get it, each with its own place in the page.</summary>
    private readonly void Finish(int walk, in WalkResult answer)
    {
        int place = Unsafe.Add(ref _walks.Places, walk);
        _results[place] = answer;
        ulong inPage = answer.PageShift == 0 ? 0 : answer.PageSize - 1;
        for (int i = place + 1; i < place + LengthOf(walk); i++)
        {
            ulong output = (answer.Output.Value & ~inPage) | (Unsafe.Add(ref _addresses, i) & inPage);
            _results[i] = new WalkResult(answer.Entry, answer.EntryAddress, new(output), answer.Flags);
        }
    }

    private readonly int LengthOf(int walk) => _areRuns ? Unsafe.Add(ref _walks.Lengths, walk) : 1;

    /// <summary>How many bytes into its table the entry of an address lies.</summary>
    private readonly ulong Offset(ulong address, int level) => (address >> _root.Rules[level].Shift & _root.IndexMask(level)) * sizeof(ulong);

    [InlineArray(FormatLimits.MaxLevels)]
    private struct UsualSteps
    {
        private UsualStep _first;
    }
}
