using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>Finds well-formed entries of a layout by trying the bits that a level's rules look at.</summary>
internal static class SampleEntry
{
    // Every format so far looks at fewer; with more, those that rights look at stay zero.
    private const int MostBits = 18;

    /// <summary>
    /// The entry at address 0 with the most rights and the fewest bits; null where the level has none of the layout.
    /// </summary>
    public static ulong? Find(LevelRules rules, EntryLayout layout)
    {
        if (layout == EntryLayout.NotPresent)
        {
            return rules.IsPresent(0) ? null : 0;
        }

        ulong? best = null;
        foreach (ulong entry in All(rules, layout))
        {
            if (best is not ulong known || IsBetter(rules, entry, known))
            {
                best = entry;
            }
        }

        return best;
    }

    /// <summary>All well-formed leaf or table entries at address 0 that differ in bits which the rules look at.</summary>
    public static IEnumerable<ulong> All(LevelRules rules, EntryLayout layout)
    {
        EntryKind wanted = layout == EntryLayout.Leaf ? EntryKind.Leaf : EntryKind.Table;
        ulong tried = JudgedBits(rules);
        tried = BitOperations.PopCount(tried) <= MostBits ? tried : SelectorBits(rules);
        ulong entry = 0;
        do
        {
            if (rules.KindOf(entry) == wanted)
            {
                yield return entry;
            }

            // The next subset of the bits.
            entry = (entry - tried) & tried;
        }
        while (entry != 0);
    }

    /// <summary>The bits that decide what an entry is and what it grants.</summary>
    public static ulong JudgedBits(LevelRules rules) => SelectorBits(rules)
        | BitsOf(rules.Read) | BitsOf(rules.Write) | BitsOf(rules.Execute) | BitsOf(rules.UserExecute) | BitsOf(rules.User);

    private static bool IsBetter(LevelRules rules, ulong entry, ulong than)
    {
        int more = RightsOf(rules, entry) - RightsOf(rules, than);
        return more > 0 || (more == 0 && BitOperations.PopCount(entry) < BitOperations.PopCount(than));
    }

    private static int RightsOf(LevelRules rules, ulong entry) => BitOperations.PopCount((uint)rules.RightsOf(entry));

    private static ulong SelectorBits(LevelRules rules)
    {
        ulong bits = 0;
        for (int i = 0; i < rules.Present.Count; i++)
        {
            bits |= BitsOf(rules.Present[i]);
        }

        // The address stays 0, whatever bounds it has.
        ulong address = rules.LeafAddress | rules.CodedAddress | rules.TableAddress | rules.HighAddress;
        return rules.Leaf.Select(r => r.Test).Concat(rules.Illegal.Select(r => r.Test)).Aggregate(bits, (b, t) => b | BitsOf(t)) & ~address;
    }

    private static ulong BitsOf(EntryTest test) => test.Mask | test.Any;
}
