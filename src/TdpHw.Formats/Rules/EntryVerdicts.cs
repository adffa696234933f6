using System.Numerics;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// The verdicts of a level for every combination of the bits that its tests look at, so that judging an entry is gathering these bits
/// and one lookup. Address bits are left out, which make too many combinations: an entry that a rule on them could match is judged
/// by the tests. Levels whose tests look at too many other bits, or at bits that are gathered slowly, have no verdicts.
/// </summary>
internal sealed class EntryVerdicts
{
    // 1024 lines are as much as a first-level cache may be asked to hold beside the tables.
    private const int MaxGatheredBits = 10;

    private readonly GatheredBits _gathered;
    private readonly Line[] _lines;

    private EntryVerdicts(GatheredBits gathered, Line[] lines)
    {
        _gathered = gathered;
        _lines = lines;
    }

    /// <summary>Gathers the verdicts of a level.</summary>
    /// <param name="rules">The level.</param>
    /// <param name="certainBits">The bits that decide the layout, the rights and the next level.</param>
    /// <returns>None where these bits are too many, or gathered slowly.</returns>
    public static EntryVerdicts Of(LevelRules rules, ulong certainBits)
    {
        if (!CanGather(certainBits))
        {
            return new EntryVerdicts(default, []);
        }

        ulong gathered = certainBits;
        ulong address = rules.LeafAddress | rules.CodedAddress | rules.TableAddress;
        foreach (IllegalRule rule in rules.Illegal)
        {
            ulong wanted = gathered | rule.Test.Bits;
            bool isFit = (rule.Test.Bits & address) == 0 && CanGather(wanted);
            gathered = isFit ? wanted : gathered;
        }

        var bits = new GatheredBits(gathered);
        var lines = new Line[1 << bits.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            ulong entry = bits.Scatter((ulong)i);
            lines[i] = new Line(
                rules.JudgeByTests(entry), DoubtfulBits(rules, entry, gathered), rules.DecidingBitsByTests(entry));
        }

        return new EntryVerdicts(bits, lines);
    }

    /// <summary>Looks the verdict of an entry up.</summary>
    /// <returns>Whether it can be looked up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong entry, out EntryVerdict verdict)
    {
        ref readonly Line line = ref LineOf(entry);
        if (Unsafe.IsNullRef(in line))
        {
            verdict = default;
            return false;
        }

        verdict = line.Verdict;
        return (entry & line.DoubtfulBits) == 0;
    }

    /// <summary>Looks up what an entry grants by itself.</summary>
    /// <returns>Whether it can be looked up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFindRights(ulong entry, out Rights rights)
    {
        ref readonly Line line = ref LineOf(entry);
        bool isKnown = !Unsafe.IsNullRef(in line);
        rights = isKnown ? line.Verdict.Rights : Rights.None;
        return isKnown;
    }

    /// <summary>Looks up which bits of a well-formed entry decide what it is.</summary>
    /// <returns>Whether they can be looked up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFindDecidingBits(ulong entry, out ulong bits)
    {
        ref readonly Line line = ref LineOf(entry);
        bool isKnown = !Unsafe.IsNullRef(in line);
        bits = isKnown ? line.DecidingBits : 0;
        return isKnown;
    }

    /// <summary>The line of an entry's gathered bits; a null reference where there are no lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref readonly Line LineOf(ulong entry)
    {
        ulong number = _gathered.Gather(entry);
        Line[] lines = _lines;
        if (number < (ulong)lines.Length)
        {
            return ref lines[number];
        }

        return ref Unsafe.NullRef<Line>();
    }

    private static bool CanGather(ulong bits) => BitOperations.PopCount(bits) <= MaxGatheredBits && GatheredBits.CanGather(bits);

    /// <summary>
    /// Bits of which an entry with the gathered bits of <paramref name="entry"/> has one set when a rule that those alone don't decide
    /// judges it otherwise than <paramref name="entry"/>, which has no other bits.
    /// </summary>
    private static ulong DoubtfulBits(LevelRules rules, ulong entry, ulong gathered)
    {
        ulong doubtful = 0;
        EntryLayout layout = rules.LayoutOf(entry);
        foreach (IllegalRule rule in rules.Illegal)
        {
            if ((rule.Test.Bits & ~gathered) != 0 && rule.CanMatch(entry, layout, gathered))
            {
                doubtful |= SetInMatch(rule.Test, entry, gathered);
            }
        }

        return doubtful;
    }

    /// <summary>
    /// Bits that are not gathered, of which an entry has one set that a test judges otherwise than one that has none of them set.
    /// </summary>
    private static ulong SetInMatch(EntryTest test, ulong entry, ulong gathered)
    {
        ulong set = test.Value & ~gathered;
        if (set != 0)
        {
            // All of them; the highest is the one that an address has least often.
            return 1ul << BitOperations.Log2(set);
        }

        if (test.Any == 0)
        {
            return test.Mask & ~gathered;
        }

        bool needsAny = ((entry ^ test.Flip) & test.Any & gathered) == 0 && (test.Flip & test.Any & ~gathered) == 0;
        return needsAny ? test.Any & ~gathered : ulong.MaxValue;
    }

    /// <summary>What is known of the entries that have one combination of the gathered bits.</summary>
    /// <param name="verdict">What they are when no doubtful bit is set.</param>
    /// <param name="doubtfulBits">Bits that leave it to the tests when one is set.</param>
    /// <param name="decidingBits">The bits of a well-formed one that decide what it is.</param>
    private readonly struct Line(EntryVerdict verdict, ulong doubtfulBits, ulong decidingBits)
    {
        public readonly EntryVerdict Verdict = verdict;
        public readonly ulong DoubtfulBits = doubtfulBits;
        public readonly ulong DecidingBits = decidingBits;
    }
}
