using System.Text.Json;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Iommu;

public sealed class VtdDeviceTablesTests
{
    [Theory]
    [InlineData("vtd-ss-48", false)]
    [InlineData("vtd-ss-48-scalable", true)]
    public void Rtaddr_alone_leads_to_every_root_of_the_capture(string name, bool isScalable)
    {
        using CaptureImage image = Captures.Open(name);
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));
        using JsonDocument capture = JsonDocument.Parse(File.ReadAllText(Path.Combine(Captures.PathOf(name), "capture.json")));

        (string, string, int, int)[] expected =
        [
            .. capture.RootElement.GetProperty("roots").EnumerateArray().Select(r => (
                r.GetProperty("name").GetString()!,
                r.GetProperty("hpa").GetString()!,
                r.GetProperty("levels").GetInt32(),
                r.GetProperty("domain").GetInt32())),
        ];

        VtdDevice[] devices = [.. tables.Devices()];

        Assert.Equal(isScalable, tables.IsScalable);
        Assert.Equal(9, expected.Length);
        Assert.Equal(expected, devices.Select(d => (d.Address.ToString(), d.Root.ToString(), d.Levels, d.Domain)));
        Assert.All(devices, d => Assert.Equal(VtdTranslationKind.SecondStage, d.Kind));
        Assert.All(devices, d => Assert.Equal(isScalable ? 0 : null, d.Pasid));
    }

    [Theory]
    [InlineData("vtd-ss-48", "00:02.0", VtdFaultReason.ContextNotPresent)]
    [InlineData("vtd-ss-48", "01:00.0", VtdFaultReason.RootNotPresent)]
    [InlineData("vtd-ss-48-scalable", "00:02.0", VtdFaultReason.ScalableContextNotPresent)]
    [InlineData("vtd-ss-48-scalable", "01:00.0", VtdFaultReason.ScalableRootNotPresent)]
    public void A_device_without_entries_is_blocked_for_a_reason(string name, string device, VtdFaultReason reason)
    {
        using CaptureImage image = Captures.Open(name);
        var tables = new VtdDeviceTables<SparseMemory>(image.Memory, new VtdRtaddr(Captures.Register(image, "rtaddr")));
        Assert.True(DeviceAddress.TryParse(device, out DeviceAddress address));

        Assert.Equal((VtdTranslationKind.Blocked, reason), (tables.Find(address).Kind, tables.Find(address).Fault));
    }

    [Theory]
    [InlineData(0x1001ul, 0ul, 0x2001ul, 0x2ul, VtdTranslationKind.SecondStage, VtdFaultReason.None)]
    [InlineData(0x1001ul, 0ul, 0x2009ul, 0x2ul, VtdTranslationKind.PassThrough, VtdFaultReason.None)]
    [InlineData(0x1001ul, 0ul, 0x200dul, 0x2ul, VtdTranslationKind.Blocked, VtdFaultReason.ContextInvalid)]
    [InlineData(0x1003ul, 0ul, 0x2001ul, 0x2ul, VtdTranslationKind.Blocked, VtdFaultReason.RootReserved)]
    [InlineData(0x1001ul, 1ul, 0x2001ul, 0x2ul, VtdTranslationKind.Blocked, VtdFaultReason.RootReserved)]
    [InlineData(0x1001ul, 0ul, 0x2011ul, 0x2ul, VtdTranslationKind.Blocked, VtdFaultReason.ContextReserved)]
    [InlineData(0x1001ul, 0ul, 0x2001ul, 0x82ul, VtdTranslationKind.Blocked, VtdFaultReason.ContextReserved)]
    [InlineData(0x9001ul, 0ul, 0x2001ul, 0x2ul, VtdTranslationKind.Blocked, VtdFaultReason.ContextTableUnreadable)]
    public void Legacy_entries_are_judged_in_the_order_of_the_walk(
        ulong rootLow, ulong rootHigh, ulong contextLow, ulong contextHigh, VtdTranslationKind kind, VtdFaultReason fault)
    {
        var pages = new SparsePages();
        ulong[] root = new ulong[512];
        (root[0], root[1]) = (rootLow, rootHigh);
        pages.Add(new(0x0), root);
        ulong[] context = new ulong[512];
        (context[0], context[1]) = (contextLow, contextHigh);
        pages.Add(new(0x1000), context);
        var tables = new VtdDeviceTables<SparseMemory>(new SparseMemory(pages), new VtdRtaddr(0));

        VtdDevice device = tables.Find(default);

        Assert.Equal((kind, fault), (device.Kind, device.Fault));
    }

    // A root entry for bus 1 with a reserved bit, and in scalable mode with both of its context tables, beside a sound one for bus 0.
    [Theory]
    [InlineData(0x0ul, new[] { "00:00.0", "01:00.0" })]
    [InlineData(0x400ul, new[] { "00:00.0", "01:00.0", "01:10.0" })]
    public void A_refused_root_entry_is_told_once_for_each_table_that_it_has(ulong mode, string[] expected)
    {
        var pages = new SparsePages();
        ulong[] root = new ulong[512];
        root[0] = 0x1001;
        (root[2], root[3]) = (0x1003, 0x1003);
        pages.Add(new(0x0), root);
        ulong[] context = new ulong[512];
        context[0] = 0x2001;
        pages.Add(new(0x1000), context);
        var tables = new VtdDeviceTables<SparseMemory>(new SparseMemory(pages), new VtdRtaddr(mode));

        VtdDevice[] devices = [.. tables.Devices()];

        Assert.Equal(expected, devices.Select(d => d.Address.ToString()));
        VtdFaultReason refused = mode == 0 ? VtdFaultReason.RootReserved : VtdFaultReason.ScalableRootReserved;
        Assert.All(devices.Skip(1), d => Assert.Equal(refused, d.Fault));
    }

    [Fact]
    public void Without_any_table_in_memory_there_is_no_device()
    {
        var memory = new SparseMemory(new SparsePages());

        Assert.Empty(new VtdDeviceTables<SparseMemory>(in memory, new VtdRtaddr(0x1000)).Devices());
        Assert.Empty(new VtdDeviceTables<SparseMemory>(in memory, new VtdRtaddr(0x1400)).Devices());
        Assert.Equal(
            VtdFaultReason.RootAddressInvalid,
            new VtdDeviceTables<SparseMemory>(in memory, new VtdRtaddr(0x1c00)).Find(default).Fault);
    }
}
