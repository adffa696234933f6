using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Answers of a batch at the entries of lowest tables, four at a time where these look as usual.</summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
internal ref struct LowestTables<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private const int Lanes = 4;

    private readonly Root<TFormat> _root;
    private readonly LevelRules _rules;
    private readonly Access _access;
    private readonly bool _sideBySide;
    private readonly ref ulong _addresses;
    private readonly ref WalkResult _results;
    private UsualStep _usual = UsualStep.None;

    // What was usual before: pages that can be written and pages that can't are often mixed.
    private UsualStep _before = UsualStep.None;

    /// <summary>Answers for a batch.</summary>
    /// <param name="root">Where its walks start.</param>
    /// <param name="addresses">Its addresses.</param>
    /// <param name="access">What the accesses need.</param>
    /// <param name="results">Its answers, in the order of the addresses.</param>
    /// <param name="sideBySide">Whether to judge four entries at a time.</param>
    public LowestTables(Root<TFormat> root, ReadOnlySpan<ulong> addresses, Access access, Span<WalkResult> results, bool sideBySide)
    {
        _root = root;
        _rules = root.Rules[1];
        _access = access;
        _sideBySide = sideBySide;
        _addresses = ref MemoryMarshal.GetReference(addresses);
        _results = ref MemoryMarshal.GetReference(results);
    }

    /// <summary>Answers walks for one address each that have read their entries.</summary>
    public void End(in PendingWalks walks)
    {
        for (int i = 0; i < walks.Count;)
        {
            if (_sideBySide)
            {
                EndSideBySide(in walks, ref i);
            }

            for (int end = Math.Min(i + Lanes, walks.Count); i < end; i++)
            {
                Unsafe.Add(ref _results, Unsafe.Add(ref walks.Places, i)) = Answer(
                    Unsafe.Add(ref walks.Entries, i),
                    Unsafe.Add(ref walks.EntryAddresses, i),
                    new(Unsafe.Add(ref walks.Addresses, i)),
                    Unsafe.Add(ref walks.Rights, i));
            }
        }
    }

    /// <summary>Answers a run of addresses that lie in one table.</summary>
    /// <param name="table">Where the table lies.</param>
    /// <param name="entries">The table.</param>
    /// <param name="rights">The rights along the path above.</param>
    /// <param name="start">The first address among those of the batch.</param>
    /// <param name="length">How many there are.</param>
    public void EndRun(ulong table, ReadOnlySpan<ulong> entries, Rights rights, int start, int length)
    {
        int end = start + length;
        for (int i = start; i < end;)
        {
            if (_sideBySide && rights == _usual.Above)
            {
                EndRunSideBySide(table, ref MemoryMarshal.GetReference(entries), ref i, end);
            }

            for (int last = Math.Min(i + Lanes, end); i < last; i++)
            {
                InputAddress address = new(Unsafe.Add(ref _addresses, i));
                ulong entryAddress = _root.EntryAddress(new(table), address, 1).Value;
                ulong entry = Volatile.Read(in entries[(int)((entryAddress - table) / sizeof(ulong))]);
                Unsafe.Add(ref _results, i) = Answer(entry, entryAddress, address, rights);
            }
        }
    }

    /// <summary>What a walk ends with at an entry.</summary>
    public WalkResult Answer(ulong entry, ulong entryAddress, InputAddress address, Rights rights)
    {
        if (_usual.IsFor(entry, rights))
        {
            return _usual.Leaf<TFormat>(_rules, entry, entryAddress, address);
        }

        if (_before.IsFor(entry, rights))
        {
            (_usual, _before) = (_before, _usual);
            return _usual.Leaf<TFormat>(_rules, entry, entryAddress, address);
        }

        Rights above = rights;
        WalkStep.TryDescend<TFormat>(
            _rules, entry, new(entryAddress), address, _access, ref rights, out _, out _, out WalkResult answer);
        UsualStep before = _usual;
        if (UsualStep.TryLearnLeaf(_rules, entry, above, answer, ref _usual))
        {
            _before = before;
        }

        return answer;
    }

    /// <summary>Answers walks as long as four at a time are next to each other and end as usual.</summary>
    private readonly void EndSideBySide(in PendingWalks walks, ref int from)
    {
        var leaves = new LeafLanes(_rules, in _usual, TFormat.AddressShift);
        uint above = PendingWalks.Four(_usual.Above);
        int i = from;
        for (int count = walks.Count; i + Lanes <= count; i += Lanes)
        {
            Vector256<ulong> entries = Vector256.LoadUnsafe(ref walks.Entries, (nuint)i);
            int place = Unsafe.Add(ref walks.Places, i);
            if (!leaves.Match(entries)
                || walks.RightsOfFour(i) != above
                || Vector128.LoadUnsafe(ref walks.Places, (nuint)i) != Vector128.Create(place) + Vector128<int>.Indices)
            {
                break;
            }

            leaves.Answer(
                entries,
                Vector256.LoadUnsafe(ref walks.EntryAddresses, (nuint)i),
                Vector256.LoadUnsafe(ref walks.Addresses, (nuint)i),
                ref Unsafe.Add(ref _results, place));
        }

        from = i;
    }

    /// <summary>Answers a run as long as four at a time are for entries next to each other and end as usual.</summary>
    private readonly void EndRunSideBySide(ulong table, ref ulong entries, ref int from, int end)
    {
        var leaves = new LeafLanes(_rules, in _usual, TFormat.AddressShift);
        Vector256<ulong> mask = Vector256.Create(_root.IndexMask(1));
        Vector256<ulong> next = Vector256.Create(0ul, 1, 2, 3);
        int shift = _rules.Shift;
        int i = from;
        for (; i + Lanes <= end; i += Lanes)
        {
            Vector256<ulong> addresses = Vector256.LoadUnsafe(ref _addresses, (nuint)i);
            Vector256<ulong> indices = addresses >> shift & mask;
            ulong first = indices[0];
            if (indices != Vector256.Create(first) + next)
            {
                break;
            }

            Vector256<ulong> four = Vector256.LoadUnsafe(ref entries, (nuint)first);
            if (!leaves.Match(four))
            {
                break;
            }

            leaves.Answer(four, Vector256.Create(table) + (indices << 3), addresses, ref Unsafe.Add(ref _results, i));
        }

        from = i;
    }
}
