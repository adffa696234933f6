using System.Text.Json;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class ExplainTests
{
    [Fact]
    public async Task An_answer_has_its_keys_in_their_order_and_form()
    {
        CliRun run = await CliRun.OfAsync(
            "explain", "ept", "0x600000148504b77", "--set", "maxphyaddr=40", "--overlay", "none", "-o", "jsonl");

        Assert.Equal(
            """
            {"format":"ept","level":1,"raw":"0x600000148504b77","present":true,"leaf":true,"verdict":"mapped",
            "fields":{"read":true,"write":true,"execute":true,"memory_type":"WB","ignore_pat":true,"accessed":true,
            "dirty":true,"address":"0x148504000","suppress_ve":false},"output_address":"0x148504000","page_size":"0x1000",
            "rights":"RWX","memory_type":"WB","reserved_bits":"0x0","res0_bits":"0x0","illegal":[],"software":null}
            """.Replace("\n", "", StringComparison.Ordinal) + "\n",
            run.Output);
        Assert.Equal(0, run.Exit);
    }

    [Theory]
    [InlineData("0x148504037", "1", "mapped")]
    [InlineData("0x148504007", "2", "table")]
    [InlineData("0x0", "4", "not-present")]
    [InlineData("0x1485040f7", "2", "reserved")]
    [InlineData("0x148504036", "1", "illegal")]
    public async Task Every_verdict_is_an_answer_and_no_failure(string entry, string level, string verdict)
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", entry, "--level", level, "-o", "json");

        using JsonDocument answer = JsonDocument.Parse(run.Output);
        Assert.Equal(verdict, answer.RootElement.GetProperty("verdict").GetString());
        Assert.Equal((0, ""), (run.Exit, run.Errors));
    }

    [Fact]
    public async Task A_reserved_bit_wins_over_a_combination_and_both_are_listed()
    {
        // Bit 45 above an address of 40 bits; writable, not readable; memory type 7.
        CliRun run = await CliRun.OfAsync("explain", "ept", "0x20000000003a", "--set", "maxphyaddr=40", "-o", "jsonl");

        using JsonDocument answer = JsonDocument.Parse(run.Output);
        Assert.Equal("reserved", answer.RootElement.GetProperty("verdict").GetString());
        Assert.Equal("0x200000000000", answer.RootElement.GetProperty("reserved_bits").GetString());
        Assert.Equal(
            ["write-without-read", "memtype"],
            answer.RootElement.GetProperty("illegal").EnumerateArray().Select(n => n.GetString()));
    }

    [Theory]
    [InlineData("0xf8700000f6", "mmio", "{\"generation\":30,\"guest_frame\":260505600}")]
    [InlineData("0x75000014860d870", "access-tracked", "\"saved_read\":true")]
    [InlineData("0x80000000000005a0", "frozen", null)]
    [InlineData("0x0", "empty", null)]
    public async Task An_entry_that_does_not_translate_has_a_meaning_to_software(
        string entry, string meaning, string? fields)
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", entry, "-o", "jsonl");

        Assert.Contains($"\"software\":\"{meaning}\"", run.Output, StringComparison.Ordinal);
        if (fields is null)
        {
            Assert.DoesNotContain("software_fields", run.Output, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains(fields, run.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Variants_of_software_read_the_same_bits_differently()
    {
        const string Entry = "0x800000148504037";
        CliRun low = await CliRun.OfAsync("explain", "ept", Entry, "-o", "jsonl", "--overlay", "kvm-ept:low");
        CliRun high = await CliRun.OfAsync("explain", "ept", Entry, "-o", "jsonl", "--overlay", "kvm-ept:high");

        Assert.Contains("\"mmu_present\":false", low.Output, StringComparison.Ordinal);
        Assert.Contains("\"mmu_present\":true", high.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_entries_are_answered_in_every_form()
    {
        string[] args = ["explain", "vtd-ss", "0x148504003", "0x4000000148504003", "-o"];
        CliRun json = await CliRun.OfAsync([.. args, "json"]);
        CliRun lines = await CliRun.OfAsync([.. args, "jsonl"]);
        CliRun columns = await CliRun.OfAsync([.. args, "tsv"]);
        CliRun text = await CliRun.OfAsync([.. args, "text"]);

        using JsonDocument array = JsonDocument.Parse(json.Output);
        Assert.Equal(["mapped", "reserved"], array.RootElement.EnumerateArray().Select(a => a.GetProperty("verdict").GetString()));
        Assert.Equal(2, lines.Lines.Length);
        Assert.Equal(
            ["verdict", "mapped", "reserved"], columns.Lines.Select(l => l.Split('\t')[5]));
        Assert.Contains("mapped, a page of 4K at 0x148504000, RW-", text.Lines[0], StringComparison.Ordinal);
        Assert.Contains("reserved, bit 62 must be zero", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_tells_which_rule_refuses_the_entry_and_where_it_stands()
    {
        CliRun illegal = await CliRun.OfAsync("explain", "ept", "0x14850403a");
        CliRun table = await CliRun.OfAsync("explain", "ept", "0x14850400f", "--level", "3");
        CliRun snoop = await CliRun.OfAsync("explain", "vtd-ss", "0x148504803", "--set", "snoop_control=0");

        Assert.Contains("  illegal: write-without-read: writable but not readable [Intel SDM", illegal.Output, StringComparison.Ordinal);
        Assert.Contains("  illegal: memtype: ", illegal.Output, StringComparison.Ordinal);
        Assert.Contains("  reserved: 3 [Intel SDM", table.Output, StringComparison.Ordinal);
        Assert.Contains("  reserved: 11, SNP only where the hardware has it", snoop.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_size_that_the_hardware_lacks_is_reserved()
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", "0x400000b7", "--level", "2", "--set", "page_2m=false", "-o", "jsonl");

        Assert.Contains("\"leaf\":false,\"verdict\":\"reserved\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"reserved_bits\":\"0x80\"", run.Output, StringComparison.Ordinal);
    }
}
