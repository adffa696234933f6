using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Iommu;

public sealed class VtdTranslatorTests
{
    private static readonly FormatRules<VtdSecondStage> Rules =
        VtdSecondStage.RulesFor(new VtdSecondStageCapabilities { Haw = 48, SnoopControl = false });

    [Theory]
    [InlineData("vtd-ss-48")]
    [InlineData("vtd-ss-48-scalable")]
    public void Every_leaf_of_a_capture_translates_for_its_device_and_what_it_forbids_faults(string name)
    {
        using CaptureImage image = Captures.Open(name);
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));
        ILookup<string, DeviceAddress> devices = tables.Devices().ToLookup(d => d.Root.ToString(), d => d.Address);
        int rows = 0;
        foreach (string[] row in File.ReadLines(Path.Combine(Captures.PathOf(name), "expected.tsv")).Skip(1).Select(l => l.Split('\t')))
        {
            DeviceAddress device = devices[row[0]].First();
            ulong address = Convert.ToUInt64(row[1][2..], 16);
            DeviceAccess read = Translate(image, tables, device, address, Access.Read);
            DeviceAccess write = Translate(image, tables, device, address, Access.Write);

            Assert.Equal(row[2], read.Output.ToString());
            Assert.True(read.IsAllowed);
            Assert.Equal(
                row[6].Contains('W', StringComparison.Ordinal) ? VtdFaultReason.None
                    : tables.IsScalable ? VtdFaultReason.SecondStageDenied
                    : VtdFaultReason.WriteDenied,
                write.Reason);
            rows++;
        }

        Assert.True(rows > 8000);
    }

    [Theory]
    [InlineData("vtd-ss-48", Access.Read, VtdFaultReason.ReadDenied)]
    [InlineData("vtd-ss-48", Access.Write, VtdFaultReason.WriteDenied)]
    [InlineData("vtd-ss-48-scalable", Access.Read, VtdFaultReason.SecondStageDenied)]
    [InlineData("vtd-ss-48-scalable", Access.Write, VtdFaultReason.SecondStageDenied)]
    public void An_address_that_is_not_mapped_faults_by_what_was_wanted(string name, Access access, VtdFaultReason reason)
    {
        using CaptureImage image = Captures.Open(name);
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));
        Assert.True(DeviceAddress.TryParse("00:03.0", out DeviceAddress device));

        DeviceAccess answer = Translate(image, tables, device, 0x1234_5000, access);

        Assert.Equal(reason, answer.Reason);
        Assert.Equal(WalkOutcome.NotPresent, answer.Walk!.Value.Outcome);
    }

    [Theory]
    [InlineData("vtd-ss-48", VtdFaultReason.AddressBeyondWidth)]
    [InlineData("vtd-ss-48-scalable", VtdFaultReason.ScalableAddressBeyondWidth)]
    public void An_address_beyond_the_tables_faults_without_a_walk(string name, VtdFaultReason reason)
    {
        using CaptureImage image = Captures.Open(name);
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));

        Assert.Equal(reason, Translate(image, tables, tables.Devices().First().Address, 1ul << 48, Access.Read).Reason);
    }

    [Theory]
    [InlineData(0x3003ul, Access.Read, false, VtdFaultReason.None)]
    [InlineData(0x3002ul, Access.Read, false, VtdFaultReason.ReadDenied)]
    [InlineData(0x3001ul, Access.Write, false, VtdFaultReason.WriteDenied)]
    [InlineData(0x3003ul | 1ul << 62, Access.Read, false, VtdFaultReason.EntryReserved)]
    [InlineData(0x3803ul, Access.Write, false, VtdFaultReason.EntryReserved)]
    [InlineData(0x3002ul | 1ul << 62, Access.Read, false, VtdFaultReason.ReadDenied)]
    [InlineData(0xfee0_0003ul, Access.Read, false, VtdFaultReason.OutputInInterruptWindow)]
    [InlineData(0x3003ul, Access.Read, true, VtdFaultReason.None)]
    [InlineData(0x3002ul, Access.Read, true, VtdFaultReason.SecondStageDenied)]
    [InlineData(0x3003ul | 1ul << 62, Access.Read, true, VtdFaultReason.SecondStageReserved)]
    [InlineData(0xfee0_0003ul, Access.Write, true, VtdFaultReason.ScalableOutputInInterruptWindow)]
    public void A_right_is_judged_before_reserved_bits(ulong entry, Access access, bool isScalable, VtdFaultReason reason)
    {
        var pages = new SparsePages();
        for (ulong table = 0x1000; table < 0x4000; table += 0x1000)
        {
            ulong[] entries = new ulong[512];
            entries[0] = table == 0x3000 ? entry : table + 0x1003;
            pages.Add(new(table), entries);
        }

        var memory = new SparseMemory(pages);
        WalkResult walk = VtdSecondStage.Walk(
            in memory, new Root<VtdSecondStage>(Rules, new(0x1000), 3), new InputAddress(0x10), access);

        Assert.Equal(reason, VtdTranslator.ReasonOf(walk, access, isScalable));
    }

    [Fact]
    public void The_interrupt_window_never_reaches_the_tables()
    {
        using CaptureImage image = Captures.Open("vtd-ss-48");
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));
        Assert.True(DeviceAddress.TryParse("00:03.0", out DeviceAddress device));

        Assert.True(Translate(image, tables, device, 0xfee0_0000, Access.Write).IsInterrupt);
        Assert.True(Translate(image, tables, device, 0xfeef_ffff, Access.Write).IsInterrupt);
        Assert.False(Translate(image, tables, device, 0xfef0_0000, Access.Write).IsInterrupt);
    }

    private static DeviceAccess Translate(
        CaptureImage image, VtdDeviceTables<SparseMemory> tables, DeviceAddress device, ulong address, Access access) =>
        VtdTranslator.Translate(image.Memory, tables, RulesOf(image), device, new InputAddress(address), access);

    private static FormatRules<VtdSecondStage> RulesOf(CaptureImage image)
    {
        CapabilityValues values = VtdSecondStage.Description.DefaultCapabilities.With("haw", 48);
        Assert.True(values.TryWithRegister("cap", Captures.Register(image, "cap"), out values));
        Assert.True(values.TryWithRegister("ecap", Captures.Register(image, "ecap"), out values));
        return VtdSecondStage.RulesFor(values);
    }
}
