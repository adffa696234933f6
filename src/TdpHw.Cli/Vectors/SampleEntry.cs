using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>Finds a well-formed entry of a layout by trying the bits that a level's rules look at.</summary>
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

        EntryKind wanted = layout == EntryLayout.Leaf ? EntryKind.Leaf : EntryKind.Table;
        ulong tried = SelectorBits(rules) | RightBits(rules);
        tried = BitOperations.PopCount(tried) <= MostBits ? tried : SelectorBits(rules);
        ulong? best = null;
        for (ulong entry = 0; ;)
        {
            if (rules.KindOf(entry) == wanted && (best is not ulong known || IsBetter(rules, entry, known)))
            {
                best = entry;
            }

            // The next subset of the bits.
            entry = (entry - tried) & tried;
            if (entry == 0)
            {
                return best;
            }
        }
    }

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

        return rules.Leaf.Select(r => r.Test).Concat(rules.Illegal.Select(r => r.Test)).Aggregate(bits, (b, t) => b | BitsOf(t));
    }

    private static ulong RightBits(LevelRules rules) =>
        BitsOf(rules.Read) | BitsOf(rules.Write) | BitsOf(rules.Execute) | BitsOf(rules.UserExecute) | BitsOf(rules.User);

    private static ulong BitsOf(EntryTest test) => test.Mask | test.Any;
}
