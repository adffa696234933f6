using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class AmdViDeviceTests
{
    private const string Amd = "amdv1-3level";

    /// <summary>V and TV of a device-table entry.</summary>
    private const ulong ValidEntry = 0b11;

    private const ulong ReadWrite = 3ul << 61;

    [Fact]
    public async Task Leaves_of_a_device_and_of_all_devices_are_those_of_the_roots()
    {
        using var folder = new TempFolder();
        string[] raw = ["walk", Raw(folder), "--format", "amdv1", "--devtab", Capture.Parameter(Amd, "devtab")];
        string[] all = System.Text.Encoding.UTF8.GetString(Capture.Expected(Amd, "expected.tsv")).TrimEnd('\n').Split('\n');
        using JsonDocument told = JsonDocument.Parse(Capture.Expected(Amd, "capture.json"));
        string root = told.RootElement.GetProperty("roots").EnumerateArray()
            .Single(r => r.GetProperty("name").GetString() == "00:07.0").GetProperty("hpa").GetString()!;

        CliRun named = await CliRun.OfAsync("walk", Capture.File(Amd, ""), "--device", "00:07.0", "--leaves", "-o", "tsv");
        CliRun said = await CliRun.OfAsync([.. raw, "--device", "00:07.0", "--leaves", "-o", "tsv"]);
        CliRun every = await CliRun.OfAsync([.. raw, "--leaves", "-o", "tsv"]);

        string[] expected = [.. all.Where((l, i) => i == 0 || l.StartsWith(root + "\t", StringComparison.Ordinal))];
        Assert.True(expected.Length > 1);
        Assert.Equal(expected, named.Lines);
        Assert.Equal(expected, said.Lines);
        Assert.Equal(all, every.Lines);
        Assert.Equal((0, 0, 0), (named.Exit, said.Exit, every.Exit));
    }

    [Fact]
    public async Task The_register_alone_leads_to_what_the_capture_was_told()
    {
        using JsonDocument told = JsonDocument.Parse(Capture.Expected(Amd, "capture.json"));
        string[] expected =
        [
            .. told.RootElement.GetProperty("roots").EnumerateArray().Select(r => string.Join(
                '\t', r.GetProperty("name"), "host", r.GetProperty("hpa"), r.GetProperty("levels"), r.GetProperty("domain"), "RW-", "-")),
        ];
        using var folder = new TempFolder();
        string[] args = ["walk", Raw(folder), "--devtab", Capture.Parameter(Amd, "devtab")];

        CliRun tsv = await CliRun.OfAsync([.. args, "-o", "tsv"]);
        CliRun text = await CliRun.OfAsync(args);
        CliRun lines = await CliRun.OfAsync([.. args, "-o", "jsonl"]);
        CliRun array = await CliRun.OfAsync([.. args, "-o", "json"]);

        Assert.Equal((0, ""), (tsv.Exit, tsv.Errors));
        Assert.Equal("device\tkind\troot\tlevels\tdomain\tperms\tfault", tsv.Lines[0]);
        Assert.Equal(9, expected.Length);
        Assert.Equal(expected, tsv.Lines.Skip(1));
        Assert.Equal("device table 0x4800000, 2 pages", text.Lines[0]);
        Assert.Equal(["00:03.0", "host", "0xde48000", "3", "2", "RW-", "-"], text.Lines[3].Split(' ', StringSplitOptions.RemoveEmptyEntries));

        // Of 256 entries the kernel blocks what no device has, up to the last device; the rest is as allocated.
        Assert.Equal(
            ["243 more entries refuse every request", "4 more entries are not valid: every request passes untranslated"],
            text.Lines.TakeLast(2));
        Assert.Equal(
            """{"device":"00:03.0","kind":"host","root":"0xde48000","levels":3,"domain":2,"perms":"RW-","fault":null}""", lines.Lines[1]);
        using JsonDocument document = JsonDocument.Parse(array.Output);
        Assert.Equal(
            lines.Lines.Select(l => JsonSerializer.Serialize(JsonDocument.Parse(l).RootElement)),
            document.RootElement.EnumerateArray().Select(e => JsonSerializer.Serialize(e)));
    }

    [Theory]
    [InlineData("pass-through", ValidEntry | ReadWrite, 7ul, 0, "pass-through\t-\t-\t7\tRW-\t-")]
    [InlineData("reads only", ValidEntry | 1ul << 61, 7ul, 0, "pass-through\t-\t-\t7\tR--\t-")]
    [InlineData("host tables", ValidEntry | ReadWrite | 4 << 9 | 0x3000, 7ul, 0, "host\t0x3000\t4\t7\tRW-\t-")]
    [InlineData("guest tables", ValidEntry | ReadWrite | 3ul << 54, 7ul, 0, "guest\t-\t-\t7\tRW-\t-")]
    [InlineData("nested", ValidEntry | ReadWrite | 3ul << 54 | 4 << 9 | 0x3000, 7ul, 0, "nested\t0x3000\t4\t7\tRW-\t-")]
    [InlineData("reserved bit", ValidEntry | ReadWrite | 4, 7ul, 1, "blocked\t-\t-\t-\t---\treserved")]
    [InlineData("seven levels", ValidEntry | ReadWrite | 7 << 9, 7ul, 1, "blocked\t-\t-\t-\t---\tlevels")]
    public async Task An_entry_is_listed_as_what_it_means(string what, ulong low, ulong high, int exit, string row)
    {
        // The table is not at address 0, and the entry is that of 00:00.1.
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, what, RawFile.Sparse(), RawFile.Sparse((4, low), (5, high)));

        CliRun list = await CliRun.OfAsync("walk", path, "--devtab", "0x1000", "-o", "tsv");

        Assert.Equal((exit, "00:00.1\t" + row), (list.Exit, Assert.Single(list.Lines.Skip(1))));
    }

    /// <summary>
    /// The permissions of every level are ANDed, those of the device-table entry with them (AMD IOMMU specification 48882, fields of
    /// page-table entries), and an entry that refuses the access ends the request before a table is read.
    /// </summary>
    [Theory]
    [InlineData(ReadWrite, "RW-", "R--", 3)]
    [InlineData(1ul << 61, "R--", "R--", 1)]
    [InlineData(2ul << 61, "-W-", "---", 3)]
    [InlineData(0ul, "---", "---", 1)]
    public async Task Rights_of_a_device_are_those_that_its_entry_and_its_tables_allow(ulong allowed, string first, string second, int ranges)
    {
        using var folder = new TempFolder();
        string path = Tables(folder, ValidEntry | allowed);
        string[] device = [path, "--devtab", "0", "--device", "00:00.0"];

        CliRun leaves = await CliRun.OfAsync(["walk", .. device, "--leaves", "-o", "tsv"]);
        CliRun every = await CliRun.OfAsync("walk", path, "--devtab", "0", "--leaves", "-o", "tsv");
        CliRun merged = await CliRun.OfAsync(["walk", .. device, "--ranges", "-o", "tsv"]);

        // Written, read-only, and written again.
        Assert.Equal([first, second, first], leaves.Lines.Skip(1).Select(l => l.Split('\t')[6]));
        Assert.Equal(leaves.Lines, every.Lines);
        Assert.Equal(ranges, merged.Lines.Length - 1);
    }

    // Mode 0 translates nothing; what IR and IW withhold is refused all the same. Without V every request passes.
    [Theory]
    [InlineData(ValidEntry | ReadWrite, "w", 0, "mapped\t0x1234\t-\t-\t-\t-\tRW-\t-", "0x1234 -> 0x1234 pass-through")]
    [InlineData(ValidEntry | 1ul << 61, "r", 0, "mapped\t0x1234\t-\t-\t-\t-\tR--\t-", "0x1234 -> 0x1234 pass-through")]
    [InlineData(ValidEntry | 1ul << 61, "w", 1, "permission-denied\t-\t-\t-\t-\t-\tR--\t-", "0x1234: permission denied before any table, R--")]
    [InlineData(ValidEntry, "r", 1, "permission-denied\t-\t-\t-\t-\t-\t---\t-", "0x1234: permission denied before any table, ---")]
    [InlineData(0ul, "w", 0, "mapped\t0x1234\t-\t-\t-\t-\tRW-\t-", "0x1234 -> 0x1234 pass-through")]
    public async Task Requests_that_no_table_translates_pass_as_far_as_the_entry_allows(
        ulong entry, string access, int exit, string row, string line)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, "device-table", RawFile.Sparse((0, entry)));
        string[] args = ["translate", path, "--devtab", "0", "--device", "00:00.0", "--access", access, "0x1234"];

        CliRun tsv = await CliRun.OfAsync([.. args, "-o", "tsv"]);
        CliRun text = await CliRun.OfAsync(args);
        CliRun json = await CliRun.OfAsync([.. args, "-o", "json"]);

        Assert.Equal((exit, exit, exit), (tsv.Exit, text.Exit, json.Exit));
        Assert.Equal($"0x1234\t{row}", tsv.Lines[1]);
        Assert.Equal(line, Assert.Single(text.Lines));
        using JsonDocument document = JsonDocument.Parse(json.Output);
        Assert.Equal(exit == 0 ? "0x1234" : null, document.RootElement[0].GetProperty("hpa").GetString());
    }

    [Theory]
    [InlineData(ReadWrite, "r", "0x1fff", 0, "mapped\t0x8fff\t0x1000\t1", "R--")]
    [InlineData(ReadWrite, "w", "0x1fff", 1, "permission-denied\t-\t-\t1", "R--")]
    [InlineData(1ul << 61, "r", "0xfff", 0, "mapped\t0x7fff\t0x1000\t1", "R--")]
    [InlineData(1ul << 61, "w", "0xfff", 1, "permission-denied\t-\t-\t-", "R--")]
    [InlineData(1ul << 61, "w", "0x5000", 1, "permission-denied\t-\t-\t-", "R--")]
    [InlineData(2ul << 61, "w", "0xfff", 0, "mapped\t0x7fff\t0x1000\t1", "-W-")]
    [InlineData(2ul << 61, "w", "0x1fff", 1, "permission-denied\t-\t-\t1", "---")]
    [InlineData(2ul << 61, "r", "0xfff", 1, "permission-denied\t-\t-\t-", "-W-")]
    [InlineData(0ul, "r", "0xfff", 1, "permission-denied\t-\t-\t-", "---")]
    public async Task Requests_of_a_device_need_the_rights_of_its_entry_and_of_its_tables(
        ulong allowed, string access, string address, int exit, string answer, string rights)
    {
        using var folder = new TempFolder();
        string path = Tables(folder, ValidEntry | allowed);
        string[] args = ["translate", path, "--devtab", "0", "--device", "00:00.0", "--access", access, address];

        CliRun tsv = await CliRun.OfAsync([.. args, "-o", "tsv"]);
        CliRun text = await CliRun.OfAsync(args);
        CliRun json = await CliRun.OfAsync([.. args, "-o", "jsonl"]);

        Assert.Equal((exit, exit, exit), (tsv.Exit, text.Exit, json.Exit));
        Assert.StartsWith($"{address}\t{answer}\t", tsv.Lines[1], StringComparison.Ordinal);
        Assert.Equal(rights, tsv.Lines[1].Split('\t')[7]);
        Assert.Contains($"\"rights\":\"{rights}\"", json.Output, StringComparison.Ordinal);
        Assert.Equal(
            answer.EndsWith('-'),
            text.Output == $"{address}: permission denied before any table, {rights}\n");
    }

    [Theory]
    [InlineData("a reserved bit", ValidEntry | ReadWrite | 4, "fault reserved: a reserved bit is set in its device-table entry")]
    [InlineData("too many levels", ValidEntry | ReadWrite | 7 << 9, "fault levels: its host tables have more levels than the unit walks")]
    [InlineData("nothing of translation", 1ul, "1 more entry refuses every request")]
    [InlineData("no rights", ValidEntry, "1 more entry refuses every request")]
    public async Task Text_tells_what_is_wrong_and_what_is_left_out(string what, ulong low, string line)
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(folder, what, RawFile.Sparse((4, low)));

        CliRun run = await CliRun.OfAsync("walk", path, "--devtab", "0");

        Assert.Contains(line, run.Lines);
        Assert.Equal("127 more entries are not valid: every request passes untranslated", run.Lines[^1]);
    }

    [Theory]
    [InlineData(2, "--devtab: 'x' is not a number", "walk", "RAW", "--devtab", "x")]
    [InlineData(2, "they exclude each other", "walk", "RAW", "--devtab", "0", "--rtaddr", "0")]
    [InlineData(2, "--device and --devtab look up: they exclude each other", "walk", "RAW", "--devtab", "0", "--root", "0x1000")]
    [InlineData(2, "holds ept tables; devices are found in amdv1 tables of an AMD-Vi unit", "walk", "EPT", "--devtab", "0")]
    [InlineData(2, "holds vtd-ss tables; devices are found in amdv1 tables of an AMD-Vi unit", "walk", "RAW", "--devtab", "0", "--format", "vtd-ss")]
    [InlineData(2, "--devtab: name the device with --device", "translate", "RAW", "0x1000", "--devtab", "0")]
    [InlineData(1, "names no table: a reserved bit is set", "walk", "RAW", "--devtab", "0x200")]
    [InlineData(1, "names no table: a reserved bit is set", "walk", "RAW", "--devtab", "0x10000000000000")]
    [InlineData(1, "the device table 0x100000 is not in memory", "walk", "RAW", "--devtab", "0x100000")]
    public async Task What_leads_to_no_table_is_said(int exit, string message, params string[] args)
    {
        using var folder = new TempFolder();
        string raw = RawFile.Write(folder, "raw.bin", RawFile.Sparse());
        CliRun run = await CliRun.OfAsync(
            [.. args.Select(a => a == "RAW" ? raw : a == "EPT" ? Capture.File("ept-default", "") : a)]);

        run.AssertFailed(exit, message);
    }

    /// <summary>
    /// A device table, and tables of one level that map three pages: the first and the last to read and write, the one between them
    /// to read alone.
    /// </summary>
    private static string Tables(TempFolder folder, ulong entry) => RawFile.Write(
        folder,
        "memory.bin",
        RawFile.Sparse((0, entry | 1 << 9 | 0x1000), (1, 7)),
        RawFile.Sparse((0, ReadWrite | 0x7001), (1, 1ul << 61 | 0x8001), (2, ReadWrite | 0x9001)));

    /// <summary>The pages of the capture as a file of memory, which says nothing of its own.</summary>
    private static string Raw(TempFolder folder)
    {
        string path = folder.File("memory.bin");
        using FileStream file = File.Create(path);
        foreach ((ulong address, byte[] page) in Capture.Pages(Amd))
        {
            file.Position = (long)address;
            file.Write(page);
        }

        return path;
    }
}
