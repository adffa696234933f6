using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.OwnFormats;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>
/// A format that extends one of another assembly, written out by hand from both files: what it writes over, what it takes from
/// its base, and what is left.
/// </summary>
public sealed class ExtendedFormatTests
{
    private static readonly GeneratedRules Plain = GeneratedRules.For("grove", new Dictionary<string, ulong>());

    private static readonly GeneratedRules Pinning = GeneratedRules.For("grove", new Dictionary<string, ulong> { ["pinning"] = 1 });

    private static readonly GeneratedRules Ept = GeneratedRules.For("ept", new Dictionary<string, ulong>());

    [Fact]
    public void Levels_and_walks_are_its_own_and_all_that_the_base_says_of_further_levels_is_gone()
    {
        Assert.Equal(3, Plain.MaxLevel);
        Assert.Equal([(3, 39)], Plain.Walks.Select(walk => (walk.Levels, walk.InputBits)));
        Assert.Equal(["Grove PTE", "Grove PDE", "Grove PDPTE"], Plain.Description.Levels.Select(level => level.EntryName));
    }

    [Fact]
    public void What_it_claims_is_no_longer_what_the_base_says()
    {
        // Of the base's ignored 62:52, bits 62:61 are reserved and 58 is a field in leaves, or reserved there.
        Assert.Equal(Bits(62, 61), Plain[2].TableReserved & Bits(62, 52));
        Assert.Equal(Bits(62, 61) | Bits(58, 58), Plain[1].LeafReserved & Bits(62, 52));
        Assert.Equal(Bits(62, 61), Pinning[1].LeafReserved & Bits(62, 52));
        Assert.Equal(Bits(60, 59) | Bits(57, 52), Pinning[2].LeafIgnored & Bits(62, 52));
        Assert.Equal(Bits(60, 52), Pinning[2].TableIgnored & Bits(62, 52));
        Assert.Equal(Bits(62, 52), Ept[2].TableIgnored & Bits(62, 52));
    }

    [Fact]
    public void A_field_of_the_base_is_gone_where_its_bits_are_claimed()
    {
        const ulong ignorePat = 1ul << 6;
        ulong raw = Bits(2, 0) | ignorePat;
        Assert.Equal(EntryKind.Leaf, Ept.Decode(1, raw).Kind);
        Assert.Equal(EntryKind.ReservedBitSet, Plain.Decode(1, raw).Kind);
        Assert.DoesNotContain(Plain.Description.Fields, field => field.Symbol == "IPAT");
        Assert.Contains(Plain.Description.Fields, field => field.Symbol == "XU");
    }

    [Fact]
    public void A_leaf_rule_has_its_level_to_itself_and_the_others_stay()
    {
        var without = new Dictionary<string, ulong> { ["page_2m"] = 0, ["page_1g"] = 0 };
        ulong page = Bits(2, 0) | Bits(7, 7);

        // The base refuses it without the capability.
        Assert.Equal(EntryKind.ReservedBitSet, GeneratedRules.For("ept", without).Decode(2, page).Kind);
        Assert.Equal(EntryKind.Leaf, GeneratedRules.For("grove", without).Decode(2, page).Kind);
        Assert.Equal(EntryKind.Leaf, GeneratedRules.For("grove", without).Decode(1, page & ~Bits(7, 7)).Kind);
        Assert.Equal(EntryKind.ReservedBitSet, GeneratedRules.For("grove", without).Decode(3, page).Kind);
    }

    [Fact]
    public void A_rule_of_the_name_of_one_of_the_base_takes_its_place_and_the_others_stay()
    {
        ulong writeThrough = Bits(2, 0) | (4ul << 3);
        Assert.Equal(EntryKind.Leaf, Ept.Decode(1, writeThrough).Kind);
        Assert.Equal(EntryKind.IllegalEncoding, Plain.Decode(1, writeThrough).Kind);
        Assert.Equal(EntryKind.IllegalEncoding, Plain.Decode(1, 0x2).Kind);
        Assert.Equal(["write-without-read", "execute-only-unsupported", "memtype"], Plain.Description.IllegalRules.Select(rule => rule.Name));
        Assert.Equal(
            ["Intel SDM vol. 3C, 29.3.3.1", "Intel SDM vol. 3C, 29.3.3.1", "The Grove Manual, 1"],
            Plain.Description.IllegalRules.Select(rule => rule.Source));
    }

    [Fact]
    public void Enumerations_of_the_base_are_the_bases() => Assert.Equal(
        typeof(EptMemoryType), typeof(GroveEntry).GetProperty(nameof(GroveEntry.MemoryType))!.PropertyType);

    private static ulong Bits(int high, int low) => ulong.MaxValue >> (63 - high) & ulong.MaxValue << low;
}
