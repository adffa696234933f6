using TdpHw.Core.Sharing;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Sharing;

public sealed class ShareCheckTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tables_of_mainline_kvm_keep_bit_11_in_every_entry(bool hasSnoopControl)
    {
        ShareReport report = CheckEpt("ept-default", 40, hasSnoopControl);

        Assert.False(report.IsShareable);
        Assert.Equal(39, CountOf(report, ShareCode.ReservedBit, 11, EntryLayout.Table));
        Assert.Equal(hasSnoopControl ? 0 : 1732, CountOf(report, ShareCode.ReservedBit, 11, EntryLayout.Leaf));
        Assert.Equal(0, report.NotInMemory);
        Assert.False(report.IsCut);
    }

    [Theory]
    [InlineData(39, 0)]
    [InlineData(40, 5)]
    [InlineData(41, 5)]
    [InlineData(44, 5)]
    [InlineData(45, 7)]
    [InlineData(52, 7)]
    public void Emulated_mmio_would_be_a_live_mapping_where_its_address_fits(int haw, int expected)
    {
        foreach (bool hasSnoopControl in new[] { false, true })
        {
            ShareReport report = CheckEpt("ept-default", haw, hasSnoopControl);

            ShareOffender[] live =
            [
                .. report.Offenders.Where(o => o.Findings.Any(f => f.Code == ShareCode.UnwantedMapping)),
            ];

            Assert.Equal(expected, live.Length);
            Assert.All(live, o => Assert.False(o.IsReachable));
        }
    }

    [Fact]
    public void Without_bit_11_only_the_interrupt_window_keeps_a_device_from_emulated_mmio()
    {
        using CaptureImage image = Captures.Open("ept-default");
        SparseMemory clean = WithoutBit(image, 11);
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });
        ShareReport report = ShareCheck.Run(
            in clean,
            Captures.RootsOf(image, exporter),
            exporter,
            KvmEpt.Description,
            KvmEpt.Description.Variants[0],
            VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 45, SnoopControl = false }));

        Assert.Equal(7, report.OffenderCount);
        Assert.Equal(
            [0x70000000ul, 0xd0000000, 0xd0003000, 0xd0005000, 0x9000000000, 0xffbffff000],
            report.Offenders.Where(o => o.IsReachable).Select(o => o.Address.Value));
        Assert.Equal(
            0xfee00000ul, Assert.Single(report.Offenders, o => !o.IsReachable).Address.Value);
    }

    [Theory]
    [InlineData("vtd-ss-48")]
    [InlineData("vtd-ss-48-scalable")]
    public void Tables_of_the_iommu_can_be_shared_with_the_same_iommu(string name)
    {
        using CaptureImage image = Captures.Open(name);
        CapabilityValues values = VtdSecondStage.Description.DefaultCapabilities.With("haw", 48);
        Assert.True(values.TryWithRegister("cap", Captures.Register(image, "cap"), out values));
        Assert.True(values.TryWithRegister("ecap", Captures.Register(image, "ecap"), out values));
        FormatRules<VtdSecondStage> rules = VtdSecondStage.RulesFor(values);

        ShareReport report = ShareCheck.Run(image.Memory, Captures.RootsOf(image, rules), rules, null, null, rules);

        Assert.True(report.IsShareable);
        Assert.Equal(0, report.OffenderCount);
        Assert.Empty(report.Reasons);
        Assert.True(report.EntryCount > 8000);
    }

    [Fact]
    public void Tables_without_entries_are_judged_by_the_proof()
    {
        var pages = new SparsePages();
        pages.Add(new(0x1000), new ulong[512]);
        var memory = new SparseMemory(pages);
        FormatRules<VtdSecondStage> wide = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 });
        FormatRules<VtdSecondStage> narrow = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 39 });
        Root<VtdSecondStage>[] roots = [new(wide, new(0x1000), 4)];

        Assert.True(ShareCheck.Run(in memory, roots, wide, null, null, wide).IsShareable);

        ShareReport report = ShareCheck.Run(in memory, roots, wide, null, null, narrow);
        Assert.False(report.IsShareable);
        Assert.All(report.Reasons, r => Assert.Equal((ShareCode.AddressWidth, 0L), (r.Finding.Code, r.Count)));
    }

    [Fact]
    public void What_could_not_be_judged_is_not_said_to_be_shareable()
    {
        FormatRules<VtdSecondStage> rules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 });
        ulong[] table = new ulong[512];
        table[0] = 0x9003;
        table[1] = 0x8003;
        var pages = new SparsePages();
        pages.Add(new(0x1000), table);
        table[0] = 0;
        pages.Add(new(0x2000), table);
        pages.Add(new(0x8000), new ulong[512]);
        var memory = new SparseMemory(pages);
        Root<VtdSecondStage>[] roots = [new(rules, new(0x1000), 4)];

        ShareReport missing = ShareCheck.Run(in memory, roots, rules, null, null, rules);
        roots = [new(rules, new(0x2000), 4)];
        ShareReport all = ShareCheck.Run(in memory, roots, rules, null, null, rules);
        ShareReport cut = ShareCheck.Run(in memory, roots, rules, null, null, rules, new ShareOptions { MaxEntries = 0 });

        Assert.Equal((0L, 1L, false, false), (missing.OffenderCount, missing.NotInMemory, missing.IsComplete, missing.IsShareable));
        Assert.Equal((0L, 0L, true, true), (all.OffenderCount, all.NotInMemory, all.IsComplete, all.IsShareable));
        Assert.Equal((true, false, false), (cut.IsCut, cut.IsComplete, cut.IsShareable));
    }

    [Fact]
    public void A_root_beyond_the_importers_width_or_depth_stands_in_the_way()
    {
        var pages = new SparsePages();
        pages.Add(new(1ul << 40), new ulong[512]);
        var memory = new SparseMemory(pages);
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { Walk5 = true });
        Root<Ept>[] roots = [new(exporter, new(1ul << 40), 5)];

        ShareReport report = ShareCheck.Run(
            in memory, roots, exporter, null, null, VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 39 }));

        Assert.False(report.IsShareable);
        Assert.Contains(report.Reasons, r => r is { Finding.Code: ShareCode.WalkDepth, Count: 1 });
        Assert.Contains(report.Reasons, r => r is { Finding: { Code: ShareCode.AddressWidth, Bit: 40 }, Count: 1 });
    }

    [Fact]
    public void Every_reason_names_a_cure()
    {
        ShareReport report = CheckEpt("ept-default", 39, hasSnoopControl: false);

        Assert.All(report.Reasons, r => Assert.NotEmpty(r.Cure));
        Assert.Contains(
            report.Reasons,
            r => r.Finding is { Bit: 11, Kind: EntryLayout.Leaf } && r.Cure.Contains("snoop_control", StringComparison.Ordinal)
                && r.Cure.Contains("kvm-ept:high", StringComparison.Ordinal));
        Assert.Contains(
            report.Reasons,
            r => r.Finding is { Bit: 11, Kind: EntryLayout.Table } && r.Cure.Contains("kvm-ept:high", StringComparison.Ordinal));
    }

    [Fact]
    public void No_capability_is_said_to_cure_what_none_does()
    {
        // Can be executed and not read (Intel SDM 29.3.3.1), which VT-d takes for not present (VT-d 3.6: R and W decide).
        var pages = new SparsePages();
        var table = new ulong[512];
        table[7] = 0x5_5000 | 0x34;
        pages.Add(new(0x1000), TableWith(0x2007));
        pages.Add(new(0x2000), TableWith(0x3007));
        pages.Add(new(0x3000), TableWith(0x4007));
        pages.Add(new(0x4000), table);
        var memory = new SparseMemory(pages);
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { ExecOnly = true });

        ShareReport report = ShareCheck.Run(
            in memory,
            [new Root<Ept>(exporter, new(0x1000), 4)],
            exporter,
            null,
            null,
            VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 46 }));

        ShareReason reason = Assert.Single(report.Reasons, r => r.Finding.Code == ShareCode.NotPresent);
        Assert.Equal((1L, "grant a right that the importer takes for present"), (reason.Count, reason.Cure));
    }

    [Fact]
    public void Counting_goes_on_when_the_list_of_offenders_is_full_and_stops_at_the_bound_of_entries()
    {
        ShareReport listed = CheckEpt("ept-default", 40, false, new ShareOptions { MaxOffenders = 10 });
        ShareReport cut = CheckEpt("ept-default", 40, false, new ShareOptions { MaxEntries = 10 });

        Assert.Equal(10, listed.Offenders.Length);
        Assert.Equal(39 + 1732 + 5, listed.OffenderCount);
        Assert.True(cut.IsCut);
        Assert.Equal(10, cut.EntryCount);
    }

    private static ShareReport CheckEpt(string name, int haw, bool hasSnoopControl, ShareOptions? options = null)
    {
        using CaptureImage image = Captures.Open(name);
        FormatRules<Ept> exporter = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });
        var importer = new VtdSecondStageCapabilities { Haw = haw, SnoopControl = hasSnoopControl };
        return ShareCheck.Run(
            image.Memory,
            Captures.RootsOf(image, exporter),
            exporter,
            KvmEpt.Description,
            KvmEpt.Description.Variants[0],
            VtdSecondStage.RulesFor(importer),
            options);
    }

    private static long CountOf(ShareReport report, ShareCode code, int bit, EntryLayout kind) => report.Reasons
        .Where(r => r.Finding.Code == code && r.Finding.Bit == bit && r.Finding.Kind == kind)
        .Sum(r => r.Count);

    private static SparseMemory WithoutBit(CaptureImage image, int bit)
    {
        var pages = new SparsePages();
        FormatRules<Ept> rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });
        var cursor = new TableCursor<Ept, SparseMemory>(image.Memory, new Root<Ept>(rules, image.Roots[0].Table, 4), Wanted.Tables);
        Copy(image.Roots[0].Table);
        while (cursor.MoveNext())
        {
            Copy(cursor.Current.Output);
        }

        return new SparseMemory(pages);

        void Copy(HostPhysicalAddress table)
        {
            Assert.True(image.Memory.TryGetTable(table, 512, out ReadOnlySpan<ulong> entries));
            ulong[] changed = entries.ToArray();
            for (int i = 0; i < changed.Length; i++)
            {
                changed[i] &= ~(1ul << bit);
            }

            pages.Add(table, changed);
        }
    }

    private static ulong[] TableWith(ulong entry)
    {
        var table = new ulong[512];
        table[0] = entry;
        return table;
    }
}
