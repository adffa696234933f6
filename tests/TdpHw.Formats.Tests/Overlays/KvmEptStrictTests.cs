using System.Text.Json;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Overlays;

/// <summary>The variant that is to be read by a CPU and by a VT-d unit at once, and must be nothing to a device where it is MMIO.</summary>
public sealed class KvmEptStrictTests : KvmEptSeriesTests<KvmEptStrict>
{
    private const ulong Bits11And62 = 0x4000_0000_0000_0800;
    private const ulong Bit63 = 0x8000_0000_0000_0000;
    private const int Generations = 1 << 14;

    private static readonly bool[] Either = [true, false];
    private static readonly int[] AddressWidths = [39, 46, 52];
    private static readonly JsonElement Facts = OracleFile.Read("facts").GetProperty("kvm_ept").GetProperty("strict");

    /// <summary>Hosts that are not open to L1TF, and such that are.</summary>
    public static TheoryData<int?> CacheBits => [null, 32, 36, 39, 40, 46];

    protected override string Id => "strict";

    protected override JsonElement MmioRows => Facts.GetProperty("mmio");

    protected override string MmioKey => "raw";

    protected override ulong MmioValue => Facts.GetProperty("mmio_value").Hex();

    protected override ulong MmioMask => Facts.GetProperty("mmio_mask").Hex();

    protected override ulong GenerationMask => Facts.GetProperty("generation_mask").Hex();

    [Fact]
    public void Entries_leave_bits_11_and_62_zero()
    {
        Assert.Equal(Bits11And62, KvmEptStrict.MustBeZero);
        ulong used = KvmEptStrict.MmuPresentMask | KvmEptStrict.AdTypeMask | KvmEptStrict.SavedReadMask | KvmEptStrict.SavedExecuteMask
            | KvmEptStrict.HostWritableMask | KvmEptStrict.MmuWritableMask | KvmEptStrict.Empty.Raw | KvmEptStrict.Frozen.Raw;
        Assert.Equal(0ul, used & Bits11And62);
    }

    [Theory]
    [MemberData(nameof(CacheBits))]
    public void An_mmio_entry_of_any_generation_comes_back_and_sets_no_bit_that_is_promised_zero(int? cacheBits)
    {
        foreach ((ulong generation, ulong frame, EptEntry entry) in Mmio(cacheBits))
        {
            Assert.True(KvmEptStrict.IsMmio(entry));
            Assert.Equal(generation, KvmEptStrict.MmioGeneration(entry));
            Assert.Equal(frame, KvmEptStrict.MmioGuestFrame(entry, cacheBits));
            Assert.Equal(0ul, entry.Raw & (Bits11And62 | Bit63 | KvmEptStrict.MmuPresentMask));
            Assert.False(KvmEptStrict.IsAccessTracked(entry) || KvmEptStrict.IsFrozen(entry) || KvmEptStrict.IsEmpty(entry));
        }
    }

    [Theory]
    [MemberData(nameof(CacheBits))]
    public void An_mmio_entry_is_misconfigured_to_every_processor(int? cacheBits)
    {
        FormatRules<Ept>[] processors =
        [
            .. from execOnly in Either
               from accessedDirty in Either
               from pages in Either
               select Ept.RulesFor(new EptCapabilities
               {
                   MaxPhyAddr = 52,
                   ExecOnly = execOnly,
                   AccessedDirty = accessedDirty,
                   Page2M = pages,
                   Page1G = pages,
                   Walk5 = true,
               }),
        ];
        FormatRules<Ept> narrow = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = cacheBits ?? 46 });
        foreach ((_, _, EptEntry entry) in Mmio(cacheBits))
        {
            foreach (FormatRules<Ept> rules in processors)
            {
                Assert.Equal(EntryKind.IllegalEncoding, rules[1].KindOf(entry.Raw));
                Assert.True(IsMisconfigured(rules, entry));
            }

            // A page above MAXPHYADDR, or one that was displaced there, is refused for that already.
            Assert.True(IsMisconfigured(narrow, entry));
        }
    }

    [Theory]
    [MemberData(nameof(CacheBits))]
    public void An_mmio_entry_is_not_present_to_a_unit_without_execute_requests(int? cacheBits)
    {
        FormatRules<VtdSecondStage>[] units =
        [
            .. from haw in AddressWidths
               from memoryType in Either
               from snoopControl in Either
               select VtdSecondStage.RulesFor(new VtdSecondStageCapabilities
               {
                   Haw = haw,
                   MemoryType = memoryType,
                   SnoopControl = snoopControl,
                   ExecuteRequests = false,
                   Walk5 = true,
               }),
        ];
        foreach ((_, _, EptEntry entry) in Mmio(cacheBits))
        {
            foreach (FormatRules<VtdSecondStage> rules in units)
            {
                for (int level = 1; level <= 5; level++)
                {
                    Assert.Equal(EntryKind.NotPresent, rules[level].KindOf(entry.Raw));
                }
            }
        }
    }

    [Fact]
    public void An_mmio_entry_of_the_series_is_a_page_to_a_unit()
    {
        FormatRules<VtdSecondStage> unit = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 });
        Assert.Equal(EntryKind.Leaf, unit[1].KindOf(KvmEptHigh.ComposeMmio(0, 0xfed00).Raw));
        Assert.Equal(EntryKind.NotPresent, unit[1].KindOf(KvmEptStrict.ComposeMmio(0, 0xfed00).Raw));
    }

    /// <summary>Whether a walk ends in a misconfiguration at whatever level it finds the entry.</summary>
    private static bool IsMisconfigured(FormatRules<Ept> rules, EptEntry entry)
    {
        for (int level = 1; level <= 5; level++)
        {
            if (rules[level].KindOf(entry.Raw) is not (EntryKind.IllegalEncoding or EntryKind.ReservedBitSet))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Every generation with the lowest and highest pages, the interrupt window, and one page by chance.</summary>
    private static IEnumerable<(ulong Generation, ulong Frame, EptEntry Entry)> Mmio(int? cacheBits)
    {
        const int Seed = 23;
        var random = new Random(Seed);
        ulong highest = (1ul << ((cacheBits ?? 52) - 12)) - 1;
        for (ulong generation = 0; generation < Generations; generation++)
        {
            foreach (ulong frame in new[] { 0ul, 1ul, Math.Min(0xfee00, highest), highest, (ulong)random.NextInt64((long)highest) })
            {
                yield return (generation, frame, KvmEptStrict.ComposeMmio(generation, frame, cacheBits));
            }
        }
    }
}
