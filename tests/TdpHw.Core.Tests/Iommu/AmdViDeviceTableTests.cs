using System.Globalization;
using System.Text.Json;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests.Iommu;

public sealed class AmdViDeviceTableTests
{
    private const string Capture = "amdv1-3level";

    /// <summary>V and TV, as the manual places them.</summary>
    private const ulong ValidEntry = 0b11;

    private const ulong IoRead = 1ul << 61;
    private const ulong IoWrite = 1ul << 62;

    [Fact]
    public void The_register_alone_leads_to_every_root_of_the_capture()
    {
        using CaptureImage image = Captures.Open(Capture);
        using JsonDocument capture = JsonDocument.Parse(File.ReadAllText(Path.Combine(Captures.PathOf(Capture), "capture.json")));
        (string, string, int, int)[] expected =
        [
            .. capture.RootElement.GetProperty("roots").EnumerateArray().Select(r => (
                r.GetProperty("name").GetString()!,
                r.GetProperty("hpa").GetString()!,
                r.GetProperty("levels").GetInt32(),
                r.GetProperty("domain").GetInt32())),
        ];
        var register = new AmdViDeviceTableBase(Captures.Register(image, "devtab"));
        var efr = new AmdViEfr(Captures.Register(image, "ext_features"));

        var table = new AmdViDeviceTable<SparseMemory>(image.Memory, register, efr.HostLevels);
        AmdViDevice[] devices = [.. table.Devices()];

        Assert.Equal(6, efr.HostLevels);
        Assert.Equal(256, devices.Length);
        Assert.Equal(9, expected.Length);
        Assert.Equal(
            expected,
            devices.Where(d => d.Levels != 0).Select(d => (d.Address.ToString(), d.Root.ToString(), d.Levels, d.Domain)));

        // The kernel blocks every device that it may meet; above the last one, 00:1f.3, the table is as it was allocated.
        Assert.All(devices, d => Assert.Equal(
            d.Levels != 0 ? (AmdViTranslationKind.Host, Rights.Read | Rights.Write, AmdViFault.None, true)
            : d.Address.Function <= 0xfb ? (AmdViTranslationKind.Blocked, Rights.None, AmdViFault.None, true)
            : (AmdViTranslationKind.PassThrough, Rights.Read | Rights.Write, AmdViFault.None, false),
            (d.Kind, d.Rights, d.Fault, d.HasEntry)));
    }

    /// <summary>The two lower words of an entry, made from the manual's layout, and what they mean to the unit.</summary>
    [Theory]
    [InlineData("not valid, all else set", ~1ul, ~0ul, AmdViTranslationKind.PassThrough, AmdViFault.None, "0x0", 0, 0, "RW")]
    [InlineData("nothing of translation", 1 | IoRead | IoWrite | 0x5600, 7, AmdViTranslationKind.Blocked, AmdViFault.NoTranslation, "0x0", 0, 0, "--")]
    [InlineData("no tables, no rights", ValidEntry, 0, AmdViTranslationKind.Blocked, AmdViFault.None, "0x0", 0, 0, "--")]
    [InlineData("no tables, reads", ValidEntry | IoRead, 3, AmdViTranslationKind.PassThrough, AmdViFault.None, "0x0", 0, 3, "R-")]
    [InlineData("one level", ValidEntry | IoRead | IoWrite | (1 << 9) | 0x5000, 0xffff, AmdViTranslationKind.Host, AmdViFault.None, "0x5000", 1, 0xffff, "RW")]
    [InlineData("six levels", ValidEntry | IoWrite | (6 << 9) | 0xf_ffff_ffff_f000, 0, AmdViTranslationKind.Host, AmdViFault.None, "0xffffffffff000", 6, 0, "-W")]
    [InlineData("host tables without rights", ValidEntry | (4 << 9) | 0x5000, 1, AmdViTranslationKind.Host, AmdViFault.None, "0x5000", 4, 1, "--")]
    [InlineData("seven levels", ValidEntry | IoRead | (7 << 9) | 0x5000, 1, AmdViTranslationKind.Blocked, AmdViFault.LevelsInvalid, "0x0", 0, 0, "--")]
    [InlineData("bit 2", ValidEntry | 1 << 2 | IoRead, 0, AmdViTranslationKind.Blocked, AmdViFault.EntryReserved, "0x0", 0, 0, "--")]
    [InlineData("bit 6", ValidEntry | 1 << 6 | IoRead, 0, AmdViTranslationKind.Blocked, AmdViFault.EntryReserved, "0x0", 0, 0, "--")]
    [InlineData("bit 63", ValidEntry | 1ul << 63 | IoRead, 0, AmdViTranslationKind.Blocked, AmdViFault.EntryReserved, "0x0", 0, 0, "--")]
    [InlineData("a reserved bit, not valid", 0b1000100, 0, AmdViTranslationKind.PassThrough, AmdViFault.None, "0x0", 0, 0, "RW")]
    [InlineData("guest tables for PASIDs only", ValidEntry | 1ul << 55 | IoRead | IoWrite, 0, AmdViTranslationKind.PassThrough, AmdViFault.None, "0x0", 0, 0, "RW")]
    [InlineData("guest tables", ValidEntry | 3ul << 54 | IoRead | IoWrite, 2, AmdViTranslationKind.Guest, AmdViFault.None, "0x0", 0, 2, "RW")]
    [InlineData("guest tables over host tables", ValidEntry | 3ul << 54 | IoRead | IoWrite | (4 << 9) | 0x7000, 2, AmdViTranslationKind.Nested, AmdViFault.None, "0x7000", 4, 2, "RW")]
    public void An_entry_means_what_the_manual_says(
        string what, ulong low, ulong high, AmdViTranslationKind kind, AmdViFault fault, string root, int levels, int domain, string rights)
    {
        // The device is the third of the second page.
        var table = new AmdViDeviceTable<SparseMemory>(
            new SparseMemory(Pages(0x2000, (8, low), (9, high))), new AmdViDeviceTableBase(0x1001));

        AmdViDevice device = table.Find(new DeviceAddress(0, 130));

        Assert.Equal(
            (what, kind, fault, root, levels, domain, rights, (low & 1) != 0),
            (what, device.Kind, device.Fault, device.Root.ToString(), device.Levels, device.Domain, Text(device.Rights), device.HasEntry));
    }

    [Fact]
    public void The_half_of_interrupts_does_not_bear_on_translation()
    {
        // Reserved bits 181:180 and 206:192, and all the rest of the upper words.
        var table = new AmdViDeviceTable<SparseMemory>(
            new SparseMemory(Pages(0x2000, (0, ValidEntry | IoRead), (2, ~(1ul << 59)), (3, ~0ul))), new AmdViDeviceTableBase(0x2000));

        Assert.Equal((AmdViTranslationKind.PassThrough, AmdViFault.None), (table.Find(default).Kind, table.Find(default).Fault));
    }

    [Fact]
    public void Host_tables_in_another_format_are_no_v1_root()
    {
        var table = new AmdViDeviceTable<SparseMemory>(
            new SparseMemory(Pages(0x2000, (0, ValidEntry | IoRead | (4 << 9) | 0x5000), (1, 9), (2, 1ul << 59))), new AmdViDeviceTableBase(0x2000));

        AmdViDevice device = table.Find(default);

        Assert.Equal((AmdViTranslationKind.OtherHost, 0, 9), (device.Kind, device.Levels, device.Domain));
        Assert.Equal(default, device.Root);
    }

    [Theory]
    [InlineData(4, AmdViFault.None)]
    [InlineData(5, AmdViFault.LevelsInvalid)]
    [InlineData(6, AmdViFault.LevelsInvalid)]
    public void More_levels_than_the_unit_walks_are_an_illegal_entry(int levels, AmdViFault fault)
    {
        // HATS 0: four levels.
        var table = new AmdViDeviceTable<SparseMemory>(
            new SparseMemory(Pages(0x2000, (0, ValidEntry | IoRead | ((ulong)levels << 9)))),
            new AmdViDeviceTableBase(0x2000),
            new AmdViEfr(0).HostLevels);

        Assert.Equal(fault, table.Find(default).Fault);
    }

    [Theory]
    [InlineData(0x1000, 128, "00:0f.7", AmdViFault.EntryUnreadable, "00:10.0", AmdViFault.BeyondTable)]
    [InlineData(0x1001, 256, "00:1f.7", AmdViFault.None, "01:00.0", AmdViFault.BeyondTable)]
    [InlineData(0x11ff, 65536, "00:1f.7", AmdViFault.None, "ff:1f.7", AmdViFault.EntryUnreadable)]
    public void The_size_field_says_how_many_devices_there_are(
        long register, int count, string inside, AmdViFault insideFault, string outside, AmdViFault outsideFault)
    {
        var table = new AmdViDeviceTable<SparseMemory>(
            new SparseMemory(Pages(0x2000)), new AmdViDeviceTableBase((ulong)register));

        Assert.Equal(count, table.Count);
        Assert.Equal(count, table.Devices().Count());
        Assert.Equal(insideFault, table.Find(Device(inside)).Fault);
        Assert.Equal(outsideFault, table.Find(Device(outside)).Fault);
    }

    private static DeviceAddress Device(string text) =>
        DeviceAddress.TryParse(text, out DeviceAddress device) ? device : throw new FormatException(text);

    private static string Text(Rights rights) => string.Create(
        CultureInfo.InvariantCulture, $"{((rights & Rights.Read) != 0 ? 'R' : '-')}{((rights & Rights.Write) != 0 ? 'W' : '-')}");

    private static SparsePages Pages(ulong address, params (int Word, ulong Value)[] words)
    {
        var pages = new SparsePages();
        ulong[] page = new ulong[512];
        foreach ((int word, ulong value) in words)
        {
            page[word] = value;
        }

        pages.Add(new(address), page);
        return pages;
    }
}
