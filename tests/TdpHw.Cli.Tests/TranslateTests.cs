using System.Text.Json;
using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class TranslateTests
{
    private static readonly string Sample = Capture.File("ept-default", "");

    [Theory]
    [InlineData("ept-default")]
    [InlineData("ept-noad")]
    public async Task Every_leaf_translates_to_where_the_kernel_put_it(string capture)
    {
        string[][] leaves =
        [
            .. System.Text.Encoding.UTF8.GetString(Capture.Expected(capture, "expected.tsv"))
                .TrimEnd('\n').Split('\n').Skip(1).Select(l => l.Split('\t')),
        ];

        CliRun run = await CliRun.WithInputAsync(
            string.Concat(leaves.Select(l => l[1] + "\n")), "translate", Capture.File(capture, ""), "--stdin", "-o", "tsv");

        Assert.Equal(0, run.Exit);
        Assert.Equal("address\toutcome\thpa\tsize\tlevel\tentry\tentry_address\trights\tmemory_type", run.Lines[0]);
        Assert.Equal(
            leaves.Select(l => string.Join('\t', l[1], "mapped", l[2], l[3], l[4], l[5], l[6], l[7])),
            run.Lines.Skip(1).Select(WithoutEntryAddress));

        static string WithoutEntryAddress(string line)
        {
            string[] columns = line.Split('\t');
            return string.Join('\t', [.. columns[..6], .. columns[7..]]);
        }
    }

    [Theory]
    [InlineData("x86-64", "0x800000000000", "address not canonical, the root translates 48 bits")]
    [InlineData("ept", "0x1000000000000", "address too wide, the root translates 48 bits")]
    public async Task An_address_that_the_root_does_not_cover_is_refused_as_what_it_is(string format, string address, string why)
    {
        using var folder = new TempFolder();

        CliRun run = await CliRun.OfAsync("translate", RawFile.WriteShared(folder), "--format", format, "--root", "0", address);

        Assert.Equal((1, $"{address}: {why}"), (run.Exit, Assert.Single(run.Lines)));
    }

    [Fact]
    public async Task An_address_keeps_its_offset_in_the_page()
    {
        CliRun run = await CliRun.OfAsync("translate", Sample, "0x1abc");

        Assert.Equal("0x1abc -> 0x148504abc 4K RWX WB (level 1, entry 0x600000148504b77 at 0x14aa5f008)\n", run.Output);
        Assert.Equal(0, run.Exit);
    }

    [Fact]
    public async Task Text_says_why_an_address_is_not_mapped()
    {
        CliRun run = await CliRun.OfAsync("translate", Sample, "0x4000", "0x70000000", "0x1000000000000");

        Assert.Equal(1, run.Exit);
        Assert.StartsWith("0x4000: not present at level 1 (entry 0x0 at 0x", run.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith("0x70000000: illegal combination at level 1 (entry 0xf8700000f6 at 0x", run.Lines[1], StringComparison.Ordinal);
        Assert.Equal("0x1000000000000: address too wide, the root translates 48 bits", run.Lines[2]);
    }

    [Theory]
    [InlineData("0x4000", "not-present")]
    [InlineData("0x70000000", "illegal")]
    [InlineData("0xffffffffffffffff", "address-too-wide")]
    [InlineData("0x1000", "mapped")]
    public async Task Json_names_the_outcome_and_has_every_key(string address, string outcome)
    {
        CliRun run = await CliRun.OfAsync("translate", Sample, address, "-o", "jsonl");

        using JsonDocument document = JsonDocument.Parse(Assert.Single(run.Lines));
        JsonElement answer = document.RootElement;
        Assert.Equal(outcome, answer.GetProperty("outcome").GetString());
        Assert.Equal(address, answer.GetProperty("address").GetString());
        Assert.Equal(
            ["address", "outcome", "hpa", "size", "level", "entry", "entry_address", "rights", "memory_type"],
            answer.EnumerateObject().Select(p => p.Name));
        Assert.Equal(outcome == "mapped" ? JsonValueKind.String : JsonValueKind.Null, answer.GetProperty("hpa").ValueKind);
        Assert.Equal(outcome == "mapped" ? 0 : 1, run.Exit);
    }

    [Theory]
    [InlineData("r", "mapped", 0)]
    [InlineData("w", "permission-denied", 1)]
    [InlineData("x", "mapped", 0)]
    [InlineData("u", "mapped", 0)]
    public async Task An_access_needs_its_right(string access, string outcome, int exit)
    {
        // A page of the read-only slot.
        CliRun run = await CliRun.OfAsync("translate", Sample, "0xa0000000", "--access", access, "-o", "json");

        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(outcome, document.RootElement[0].GetProperty("outcome").GetString());
        Assert.Equal("R-X", document.RootElement[0].GetProperty("rights").GetString());
        Assert.Equal(exit, run.Exit);
    }

    [Fact]
    public async Task A_missing_table_and_a_reserved_bit_have_their_words()
    {
        using var folder = new TempFolder();
        string path = RawFile.Write(
            folder, "page.bin", RawFile.Sparse((0, 0x9000 | RawFile.All), (1, 0x1000 | 0x80 | RawFile.All)));

        CliRun run = await CliRun.OfAsync(
            "translate", path, "--format", "ept", "--root", "0", "0x0", "0x8000000000", "-o", "tsv");

        Assert.Equal("0x0\tnot-in-memory\t-\t-\t3\t-\t0x9000\tRWX\t-", run.Lines[1]);
        Assert.Equal("0x8000000000\treserved\t-\t-\t4\t0x1087\t0x8\tRWX\t-", run.Lines[2]);
        Assert.Equal(1, run.Exit);
    }

    [Fact]
    public async Task A_bad_line_is_answered_in_its_place_and_the_rest_goes_on()
    {
        const string Input = "0x1000\r\nhello\n\n-1\n0x10000000000000000\n4096";

        CliRun json = await CliRun.WithInputAsync(Input, "translate", Sample, "--stdin", "-o", "jsonl");
        CliRun text = await CliRun.WithInputAsync(Input, "translate", Sample, "--stdin");

        Assert.Equal(3, json.Exit);
        Assert.Equal("", json.Errors);
        Assert.Equal(
            ["address", "error", "error", "error", "error", "address"],
            json.Lines.Select(l => JsonDocument.Parse(l).RootElement.EnumerateObject().First().Name));
        Assert.Contains("is negative", json.Lines[3], StringComparison.Ordinal);
        Assert.Contains("does not fit in 64 bits", json.Lines[4], StringComparison.Ordinal);
        Assert.Equal("error: line 2: 'hello' is not a number: write it in decimal, or in hexadecimal with 0x", text.Lines[1]);
        Assert.StartsWith("0x1000 -> ", text.Lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Columns_leave_the_reason_of_a_bad_line_to_the_messages()
    {
        string unit = Capture.File("vtd-ss-48", "");
        CliRun run = await CliRun.WithInputAsync("0x1000\nhello\n", "translate", Sample, "--stdin", "-o", "tsv");
        CliRun device = await CliRun.WithInputAsync(
            "0x1000\n\u001b[2J\n", "translate", unit, "--device", "00:03.0", "--stdin", "-o", "tsv");

        Assert.Equal((3, 3), (run.Exit, device.Exit));
        Assert.Equal("-\terror\t-\t-\t-\t-\t-\t-\t-", run.Lines[2]);
        Assert.StartsWith("tdphw: line 2: 'hello' is not a number", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
        Assert.StartsWith("tdphw: line 2: ' [2J' is not a number", Assert.Single(device.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_a_window_says_that_the_tables_are_never_asked()
    {
        string[] args = ["translate", Capture.File("vtd-ss-48", ""), "--root", "00:03.0", "0xfee00000", "0xfedfffff"];
        CliRun text = await CliRun.OfAsync(args);
        CliRun json = await CliRun.OfAsync([.. args, "-o", "jsonl"]);
        CliRun other = await CliRun.OfAsync("translate", Sample, "0xfee00000", "-o", "jsonl");

        Assert.EndsWith("; interrupt window: requests here never reach the tables", text.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("window", text.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",\"window\":\"interrupt\"}", json.Lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("window", json.Lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("window", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_roots_ask_for_one()
    {
        string image = Capture.File("vtd-ss-48-scalable", "");
        CliRun run = await CliRun.OfAsync("translate", image, "0xfffff000");
        CliRun named = await CliRun.OfAsync("translate", image, "0xfffff000", "--root", "00:03.0");

        run.AssertFailed(2, "0xe4ff000 (00:1f.0, 00:1f.2, 00:1f.3)");
        Assert.Contains("-> 0xe4c3000 4K RW- (level 1", named.Output, StringComparison.Ordinal);
    }
}
