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
        _ => WellFormed(rules, EntryKind.Table, addressBits),
    };

    /// <summary>A well-formed entry of a kind; one of any kind where the level has none of that kind.</summary>
    public ulong WellFormed(LevelRules rules, EntryKind kind, ulong addressBits)
    {
        if (kind == EntryKind.Leaf ? !rules.Leaf.Any(rule => rule.Supported) : rules.TableAddress == 0)
        {
            return Noise();
        }

        ulong address = kind == EntryKind.Leaf ? rules.LeafAddress : rules.TableAddress;
        ulong reserved = kind == EntryKind.Leaf ? rules.LeafReserved : rules.TableReserved;
        ulong entry = 0;
        for (int i = 0; i < Attempts; i++)
        {
            entry = (Noise() & ~address & ~reserved) | (addressBits & address);
            if (rules.KindOf(entry) == kind)
            {
                break;
            }
        }

        return entry;
    }

    private ulong Noise() => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private ulong OneBit() => 1ul << random.Next(64);
}
