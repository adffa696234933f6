namespace TdpHw.Formats.Tests.Conformance;

/// <summary>
/// Makes entries that get deep into the rules: well-formed ones, well-formed ones with a bit turned over, and noise.
/// </summary>
internal sealed class EntryMaker(Random random)
{
    private const int Attempts = 256;

    /// <summary>An entry of any kind.</summary>
    /// <param name="rules">The rules of the entry's level.</param>
    /// <param name="addressBits">The address that a well-formed entry gets, at its place in the entry.</param>
    public ulong Make(LevelRules rules, ulong addressBits) => random.Next(8) switch
    {
        0 => Noise(),
        1 => Noise() & Noise() & Noise(),
        2 => WellFormed(rules, EntryKind.Table, addressBits) ^ OneBit(),
        3 => WellFormed(rules, EntryKind.Leaf, addressBits) ^ OneBit(),
        4 => WellFormed(rules, EntryKind.Leaf, addressBits),
        5 when rules.CodedAddress != 0 => OfCodedSize(rules, addressBits),
        6 when rules.NextLevel != 0 => Skipping(rules, addressBits),
        _ => WellFormed(rules, EntryKind.Table, addressBits),
    };

    /// <summary>
    /// A well-formed entry of a kind, a leaf as large as its level says and a table one level below; one of any kind where the
    /// level has none of that kind.
    /// </summary>
    public ulong WellFormed(LevelRules rules, EntryKind kind, ulong addressBits) =>
        Search(rules, kind, addressBits, entry => kind == EntryKind.Leaf
            ? rules.PageShiftOf(entry) == rules.Shift
            : rules.NextLevelOf(entry) == rules.Level - 1);

    /// <summary>Whether a level has well-formed entries of a kind.</summary>
    public static bool CanMake(LevelRules rules, EntryKind kind)
    {
        EntryLayout layout = kind == EntryKind.Leaf ? EntryLayout.Leaf : EntryLayout.Table;
        return (kind == EntryKind.Leaf ? rules.Leaf.Any(rule => rule.Supported) : rules.TableAddress != 0)
            && !rules.Illegal.Any(rule => (rule.AppliesTo & layout) != 0 && rule.Test == EntryTest.Always);
    }

    /// <summary>A leaf that says itself how large it is.</summary>
    public ulong OfCodedSize(LevelRules rules, ulong addressBits)
    {
        // Enough ones or zeros at the lowest bits of the address that the size is a valid one.
        LeafRule rule = rules.Leaf.First(r => r.Size != PageSizeCode.Level);
        int bit = Math.Min(62, rules.Shift + random.Next(9));
        ulong low = (1ul << bit) - 1;
        ulong address = (addressBits << rules.AddressShift) & ~low & ~(1ul << bit);
        address |= rule.Size == PageSizeCode.LowestZero ? low : 1ul << bit;
        return Search(rules, EntryKind.Leaf, (address >> rules.AddressShift) & rules.CodedAddress, entry => rules.PageShiftOf(entry) != rules.Shift);
    }

    /// <summary>A table entry that leads to any lower level.</summary>
    public ulong Skipping(LevelRules rules, ulong addressBits) => Search(rules, EntryKind.Table, addressBits, _ => true);

    private ulong Search(LevelRules rules, EntryKind kind, ulong addressBits, Predicate<ulong> isWanted)
    {
        if (!CanMake(rules, kind))
        {
            return Noise();
        }

        ulong address = kind == EntryKind.Leaf ? rules.LeafAddress | rules.CodedAddress : rules.TableAddress;
        ulong reserved = kind == EntryKind.Leaf ? rules.LeafReserved : rules.TableReserved;
        LeafRule[] leaves = [.. rules.Leaf.Where(rule => rule.Supported)];
        ulong entry = 0;
        for (int i = 0; i < Attempts; i++)
        {
            // The fewer bits are set, the less is refused.
            ulong noise = Noise();
            for (int thinner = i % 5; thinner > 0; thinner--)
            {
                noise &= Noise();
            }

            // A larger page has no use for the lower bits of an address.
            ulong unused = kind == EntryKind.Leaf && random.Next(2) == 0 ? rules.TableAddress & ~rules.LeafAddress : 0;
            entry = (noise & ~(address | reserved | rules.HighAddress | unused)) | (addressBits & address);
            entry = Passing(entry, rules.Present[random.Next(rules.Present.Count)]);
            if (kind == EntryKind.Leaf)
            {
                entry = Passing(entry, leaves[random.Next(leaves.Length)].Test);
            }
            else if (rules.NextLevel != 0 && random.Next(2) == 0)
            {
                entry = (entry & ~rules.NextLevel)
                    | ((ulong)(rules.Level - 1) << System.Numerics.BitOperations.TrailingZeroCount(rules.NextLevel));
            }

            if (rules.KindOf(entry) == kind && isWanted(entry))
            {
                break;
            }
        }

        return entry;
    }

    private static ulong Passing(ulong entry, EntryTest test) =>
        test == EntryTest.Never ? entry : (entry & ~test.Mask) | test.Value;

    private ulong Noise() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private ulong OneBit() => 1ul << random.Next(64);
}
