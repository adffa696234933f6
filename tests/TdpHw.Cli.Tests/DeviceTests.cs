using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class DeviceTests
{
    private const string Legacy = "vtd-ss-48";
    private const string Scalable = "vtd-ss-48-scalable";

    [Theory]
    [InlineData(Legacy)]
    [InlineData(Scalable)]
    public async Task Rtaddr_alone_leads_to_what_the_capture_was_told(string capture)
    {
        using JsonDocument told = JsonDocument.Parse(Capture.Expected(capture, "capture.json"));
        string pasid = capture == Scalable ? "0" : "-";
        string[] expected =
        [
            .. told.RootElement.GetProperty("roots").EnumerateArray().Select(r => string.Join(
                '\t', r.GetProperty("name"), "second-stage", r.GetProperty("hpa"), r.GetProperty("levels"), r.GetProperty("domain"), pasid, "-")),
        ];

        // As a raw file, which names neither roots nor register.
        using var folder = new TempFolder();
        CliRun run = await CliRun.OfAsync(
            ["walk", .. Raw(folder, capture), "--rtaddr", Capture.Parameter(capture, "rtaddr"), "-o", "tsv"]);

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Equal("device\tkind\troot\tlevels\tdomain\tpasid\tfault", run.Lines[0]);
        Assert.Equal(9, expected.Length);
        Assert.Equal(expected, run.Lines.Skip(1));
    }

    [Fact]
    public async Task Devices_are_objects_in_json_and_a_table_for_people()
    {
        string[] args = ["walk", Capture.File(Legacy, ""), "--rtaddr", Capture.Parameter(Legacy, "rtaddr")];

        CliRun lines = await CliRun.OfAsync([.. args, "-o", "jsonl"]);
        CliRun array = await CliRun.OfAsync([.. args, "-o", "json"]);
        CliRun text = await CliRun.OfAsync(args);

        Assert.Equal(
            """{"device":"00:03.0","kind":"second-stage","root":"0xe248000","levels":4,"domain":3,"pasid":null,"fault":null}""",
            lines.Lines[1]);
        using JsonDocument document = JsonDocument.Parse(array.Output);
        Assert.Equal(
            lines.Lines.Select(l => JsonSerializer.Serialize(JsonDocument.Parse(l).RootElement)),
            document.RootElement.EnumerateArray().Select(e => JsonSerializer.Serialize(e)));
        Assert.Equal("legacy mode, root table 0xdf15000", text.Lines[0]);
        Assert.Equal(["00:03.0", "second-stage", "0xe248000", "4", "3", "-", "-"], text.Lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(Legacy)]
    [InlineData(Scalable)]
    public async Task Leaves_of_a_device_and_of_all_devices_are_those_of_the_roots(string capture)
    {
        using var folder = new TempFolder();
        string rtaddr = Capture.Parameter(capture, "rtaddr");
        string[] raw = Raw(folder, capture);
        string[] all = System.Text.Encoding.UTF8.GetString(Capture.Expected(capture, "expected.tsv")).TrimEnd('\n').Split('\n');
        string root = await RootOfAsync(capture, "00:07.0");

        CliRun named = await CliRun.OfAsync("walk", Capture.File(capture, ""), "--device", "00:07.0", "--leaves", "-o", "tsv");
        CliRun said = await CliRun.OfAsync(["walk", .. raw, "--device", "0000:00:07.0", "--rtaddr", rtaddr, "--leaves", "-o", "tsv"]);
        CliRun every = await CliRun.OfAsync(["walk", .. raw, "--rtaddr", rtaddr, "--leaves", "-o", "tsv"]);

        string[] expected = [.. all.Where((l, i) => i == 0 || l.StartsWith(root + "\t", StringComparison.Ordinal))];
        Assert.True(expected.Length > 1);
        Assert.Equal(expected, named.Lines);
        Assert.Equal(expected, said.Lines);
        Assert.Equal(all, every.Lines);
        Assert.Equal((0, 0, 0), (named.Exit, said.Exit, every.Exit));
    }

    [Theory]
    [InlineData("untranslated", 0x3001ul, 2ul, 0, "second-stage\t0x3000\t4\t0\t-\t-")]
    [InlineData("pass-through", 0x3009ul, 2ul, 0, "pass-through\t-\t-\t0\t-\t-")]
    [InlineData("reserved bit", 0x3011ul, 2ul, 1, "blocked\t-\t-\t-\t-\t0x0b")]
    public async Task A_device_without_a_second_stage_says_why(string what, ulong low, ulong high, int exit, string row)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder, what, RawFile.Sparse((0, 0x1001)), RawFile.Sparse((0, low), (1, high)), RawFile.Sparse(), RawFile.Sparse());

        CliRun list = await CliRun.OfAsync("walk", path, "--rtaddr", "0", "-o", "tsv");
        CliRun walk = await CliRun.OfAsync("walk", path, "--rtaddr", "0", "--device", "00:00.0", "--leaves");
        CliRun write = await CliRun.OfAsync("translate", path, "--rtaddr", "0", "--device", "00:00.0", "--access", "w", "0x5000");

        Assert.Equal((exit, "00:00.0\t" + row), (list.Exit, list.Lines[1]));
        switch (what)
        {
            case "pass-through":
                walk.AssertFailed(1, "00:00.0 has no second-stage tables: its requests pass through untranslated");
                Assert.Equal((0, "00:00.0 write 0x5000 -> 0x5000 pass-through\n"), (write.Exit, write.Output));
                break;
            case "reserved bit":
                walk.AssertFailed(1, "its requests fault with 0x0b, a reserved bit is set in the context entry");
                Assert.Equal((1, "00:00.0 write 0x5000: fault 0x0b, a reserved bit is set in the context entry\n"), (write.Exit, write.Output));
                break;
            default:
                Assert.Equal(0, walk.Exit);
                Assert.StartsWith("00:00.0 write 0x5000: fault 0x05, ", write.Output, StringComparison.Ordinal);
                break;
        }
    }

    [Theory]
    [InlineData(Legacy, "w", "0x05")]
    [InlineData(Legacy, "r", "0x06")]
    [InlineData(Scalable, "w", "0x79")]
    [InlineData(Scalable, "r", "0x79")]
    public async Task An_unmapped_address_faults_by_mode_and_access(string capture, string access, string reason)
    {
        CliRun run = await CliRun.OfAsync(
            "translate", Capture.File(capture, ""), "--device", "00:03.0", "--access", access, "0x12345000", "-o", "jsonl");

        Assert.Equal(1, run.Exit);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement answer = document.RootElement;
        Assert.Equal(
            ["device", "address", "access", "result", "reason", "meaning", "hint", "hpa", "level", "entry", "entry_address"],
            answer.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ("00:03.0", "0x12345000", access == "w" ? "write" : "read", "fault", reason),
            (Text("device"), Text("address"), Text("access"), Text("result"), Text("reason")));
        Assert.Contains("does not allow", Text("meaning"), StringComparison.Ordinal);
        Assert.NotEmpty(Text("hint")!);
        Assert.Equal((3, "0x0", JsonValueKind.Null), (answer.GetProperty("level").GetInt32(), Text("entry"), answer.GetProperty("hpa").ValueKind));

        string? Text(string name) => answer.GetProperty(name).GetString();
    }

    [Theory]
    [InlineData(Legacy, "0x0c")]
    [InlineData(Scalable, "0x7a")]
    public async Task A_reserved_bit_faults_by_mode_and_names_the_entry(string capture, string reason)
    {
        // The first leaf of 00:03.0 with bit 62 set.
        using var folder = new TempFolder();
        string[] leaf = System.Text.Encoding.UTF8.GetString(Capture.Expected(capture, "expected.tsv"))
            .Split('\n')[1].Split('\t');
        Assert.Equal(await RootOfAsync(capture, "00:03.0"), leaf[0]);
        ulong entry = Convert.ToUInt64(leaf[5][2..], 16);
        string[] raw = Raw(folder, capture, (entry, entry | 1ul << 62));

        CliRun run = await CliRun.OfAsync(
            ["translate", .. raw, "--rtaddr", Capture.Parameter(capture, "rtaddr"), "--device", "00:03.0", "--access", "w", leaf[1], "-o", "tsv"]);

        Assert.Equal("device\taddress\taccess\tresult\treason\thpa\tlevel\tentry\tentry_address", run.Lines[0]);
        Assert.StartsWith($"00:03.0\t{leaf[1]}\twrite\tfault\t{reason}\t-\t1\t0x{entry | 1ul << 62:x}\t0x", run.Lines[1], StringComparison.Ordinal);
        Assert.Equal(1, run.Exit);
    }

    [Fact]
    public async Task Text_tells_result_reason_and_place()
    {
        CliRun run = await CliRun.WithInputAsync(
            "0x12345000\nhello\n0xfffff123\n0xfee00000\n0x1000000000000\n",
            "translate", Capture.File(Legacy, ""), "--device", "00:03.0", "--access", "w", "--stdin");

        Assert.Equal((3, ""), (run.Exit, run.Errors));
        Assert.StartsWith("00:03.0 write 0x12345000: fault 0x05, an entry on the path of a write", run.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("; SS-PDPE 0x0 at 0xe4d4000 (level 3)", run.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("error: line 2: 'hello' is not a number", run.Lines[1], StringComparison.Ordinal);
        Assert.Equal("00:03.0 write 0xfffff123 -> 0xe4cb123 4K RW-; SS-PTE 0xe4cb003 at 0xe527ff8 (level 1)", run.Lines[2]);
        Assert.Equal("00:03.0 write 0xfee00000: an interrupt message, which no table translates", run.Lines[3]);
        Assert.Equal("00:03.0 write 0x1000000000000: fault 0x04, the address is wider than the device's tables translate", run.Lines[4]);
    }

    [Fact]
    public async Task What_passes_is_no_finding_and_a_read_is_asked_when_nothing_is_said()
    {
        CliRun run = await CliRun.OfAsync(
            "translate", Capture.File(Scalable, ""), "--device", "00:03.0", "0xfffff123", "0xfee00000", "-o", "json");

        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(0, run.Exit);
        Assert.Equal(["ok", "interrupt"], document.RootElement.EnumerateArray().Select(a => a.GetProperty("result").GetString()));
        Assert.Equal("0xe4c3123", document.RootElement[0].GetProperty("hpa").GetString());
        Assert.Equal(JsonValueKind.Null, document.RootElement[1].GetProperty("hpa").ValueKind);
        Assert.Equal("read", document.RootElement[0].GetProperty("access").GetString());
    }

    [Theory]
    [InlineData(2, "does not say what RTADDR reads; say it with --rtaddr", "walk", "RAW", "--device", "00:03.0")]
    [InlineData(2, "'0003.0' is no device", "walk", "VTD", "--device", "0003.0")]
    [InlineData(2, "--rtaddr: 'x' is not a number", "walk", "VTD", "--rtaddr", "x")]
    [InlineData(2, "exclude each other", "walk", "VTD", "--device", "00:03.0", "--root", "0xe248000")]
    [InlineData(2, "exclude each other", "walk", "VTD", "--rtaddr", "0xdf15000", "--levels", "4")]
    [InlineData(2, "holds ept tables", "walk", "EPT", "--device", "00:03.0")]
    [InlineData(2, "holds ept tables", "walk", "EPT", "--rtaddr", "0xdf15000")]
    [InlineData(2, "name the device with --device", "translate", "VTD", "0x1000", "--rtaddr", "0xdf15000")]
    [InlineData(2, "a device reads or writes, r or w, not 'x'", "translate", "VTD", "0x1000", "--device", "00:03.0", "--access", "x")]
    [InlineData(1, "00:02.0 has no second-stage tables: its requests fault with 0x02", "walk", "VTD", "--device", "00:02.0")]
    [InlineData(1, "the root table 0x0 is not in memory", "walk", "VTD", "--rtaddr", "0")]
    [InlineData(1, "names no tables", "walk", "VTD", "--rtaddr", "0xdf15c00")]
    [InlineData(1, "names no tables", "walk", "VTD", "--rtaddr", "0xdf15001")]
    [InlineData(1, "leads to no device", "walk", "RAW", "--rtaddr", "0", "--leaves")]
    public async Task What_leads_to_no_tables_is_said(int exit, string message, params string[] args)
    {
        using var folder = new TempFolder();
        string raw = RawFile.Write(folder, "raw.bin", RawFile.Sparse());
        CliRun run = await CliRun.OfAsync(
        [
            .. args.Select(a => a switch
            {
                "VTD" => Capture.File(Legacy, ""),
                "EPT" => Capture.File("ept-default", ""),
                "RAW" => raw,
                _ => a,
            }),
        ]);

        run.AssertFailed(exit, message);
    }

    private static async Task<string> RootOfAsync(string capture, string device)
    {
        using JsonDocument told = JsonDocument.Parse(await File.ReadAllTextAsync(Capture.File(capture, "capture.json")));
        return told.RootElement.GetProperty("roots").EnumerateArray()
            .Single(r => r.GetProperty("name").GetString() == device).GetProperty("hpa").GetString()!;
    }

    /// <summary>The pages of a capture as a file of memory, some entries changed, with the unit's registers.</summary>
    private static string[] Raw(TempFolder folder, string capture, params (ulong From, ulong To)[] changes)
    {
        string path = folder.File("memory.bin");
        using FileStream file = File.Create(path);
        foreach ((ulong address, byte[] page) in Capture.Pages(capture))
        {
            foreach ((ulong from, ulong to) in changes)
            {
                for (int i = 0; i < page.Length; i += sizeof(ulong))
                {
                    if (BitConverter.ToUInt64(page, i) == from)
                    {
                        BitConverter.TryWriteBytes(page.AsSpan(i), to);
                    }
                }
            }

            file.Position = (long)address;
            file.Write(page);
        }

        return
        [
            path,
            .. ((string[])["haw", "cap", "ecap"]).SelectMany(n => (string[])["--set", $"{n}={Capture.Parameter(capture, n)}"]),
        ];
    }
}
