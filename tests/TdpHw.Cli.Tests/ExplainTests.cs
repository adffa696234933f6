using System.Text.Json;
using TdpHw.Cli.Tests.Images;
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

    [Theory]
    [InlineData("0xf8700000f6", "458752")]
    [InlineData("0x12f8000000f6", "150994944")]
    public async Task A_displaced_field_is_put_back_where_its_width_is_told(string entry, string frame)
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", entry, "--set", "l1tf_cache_bits=40", "-o", "jsonl");
        CliRun text = await CliRun.OfAsync("explain", "ept", entry, "--set", "l1tf_cache_bits=40");
        CliRun answer = await CliRun.WithInputAsync(
            $$$"""{"format":"ept","level":1,"raw":"{{{entry}}}","caps":{"l1tf_cache_bits":40}}""", "explain", "--stdin");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Contains($"\"guest_frame\":{frame}}}", run.Output, StringComparison.Ordinal);
        Assert.Equal(run.Output, answer.Output);
        Assert.DoesNotContain("as stored", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_displaced_field_whose_width_is_not_told_says_that_it_is_shown_as_stored()
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", "0xf8700000f6");

        Assert.Contains(
            "; as stored; --set l1tf_cache_bits=N puts it back in its place", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_bits_are_reserved_below_a_large_pages_size_and_above_the_machines_width()
    {
        CliRun run = await CliRun.OfAsync("explain", "ept", "0x10000201030b7", "--level", "2", "--set", "maxphyaddr=40", "--overlay", "none");

        Assert.Contains("  reserved: 20, 13:12, ADDR below the page's size", run.Output, StringComparison.Ordinal);
        Assert.Contains("  reserved: 48, ADDR only where the hardware has it", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("npt", "0x100000", "reserved")]
    [InlineData("npt", "0x4000000", "mapped")]
    [InlineData("x86-64", "0xfbffffff", "reserved")]
    [InlineData("x86-64", "0x4000000", "mapped")]
    public async Task A_cpuid_word_says_whether_a_1_GiB_page_is_one(string format, string word, string verdict)
    {
        CliRun run = await CliRun.OfAsync(
            "explain", format, "0x40000087", "--level", "3", "--set", $"cpuid_8000_0001_edx={word}", "-o", "jsonl");

        Assert.Contains($"\"verdict\":\"{verdict}\"", run.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// With memory encryption KVM marks MMIO with all bits from the reduced width to 51, less the lowest where the C-bit is that one
    /// (Linux 6.7 svm.c svm_adjust_mmio_mask); the hardware must refuse what is marked.
    /// </summary>
    [Theory]
    [InlineData("43", "51", "0xff800fee00007")]
    [InlineData("43", "47", "0xff800fee000b7")]
    [InlineData("47", "47", "0xf0000fee00005")]
    [InlineData("40", "null", "0x80000fee000b7")]
    public async Task Emulated_MMIO_is_recognised_with_and_without_memory_encryption(string width, string encrypted, string entry)
    {
        CliRun run = await CliRun.OfAsync(
            "explain", "npt", entry, "--set", $"maxphyaddr={width}", "--set", $"c_bit={encrypted}", "-o", "jsonl");

        Assert.Contains("\"verdict\":\"reserved\"", run.Output, StringComparison.Ordinal);
        Assert.Contains("\"software\":\"mmio\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_capability_is_told_with_those_of_hardware_and_software()
    {
        CliRun far = await CliRun.OfAsync("explain", "ept", "0x0", "--set", "zzzzzzzz=1");
        CliRun near = await CliRun.OfAsync("explain", "ept", "0x0", "--set", "l1tf_cache_bit=40");
        CliRun none = await CliRun.OfAsync("explain", "ept", "0x0", "--set", "l1tf_cache_bits=40", "--overlay", "none");
        CliRun stream = await CliRun.OfAsync("explain", "--stdin", "--set", "l1tf_cache_bits=99");

        far.AssertFailed(2, "maxphyaddr");
        far.AssertFailed(2, "l1tf_cache_bits");
        near.AssertFailed(2, "did you mean 'l1tf_cache_bits'?");
        none.AssertFailed(2, "unknown capability 'l1tf_cache_bits'");
        stream.AssertFailed(2, "takes 32 to 46 or null");
    }

    [Fact]
    public async Task Software_that_keeps_a_capability_off_is_not_shown_where_it_is_on()
    {
        const string Question = """{"format":"ept","level":1,"raw":"0x80000000000005a0","caps":{"mode_based_execute":true}}""";
        string[] args = ["explain", "ept", "0x80000000000005a0", "--set", "mode_based_execute=1", "-o", "jsonl"];
        CliRun usual = await CliRun.OfAsync(args);
        CliRun asked = await CliRun.OfAsync([.. args, "--overlay", "kvm-ept"]);
        CliRun stream = await CliRun.WithInputAsync(Question, "explain", "--stdin");
        CliRun askedStream = await CliRun.WithInputAsync(Question, "explain", "--stdin", "--overlay", "kvm-ept");

        Assert.Equal(0, usual.Exit);
        Assert.Contains("\"software\":null", usual.Output, StringComparison.Ordinal);
        Assert.Contains("keeps mode_based_execute off", Assert.Single(usual.ErrorLines), StringComparison.Ordinal);
        asked.AssertFailed(2, "keeps mode_based_execute off");
        Assert.Equal((usual.Output, ""), (stream.Output, stream.Errors));
        Assert.StartsWith("{\"error\":\"overlay 'kvm-ept'", askedStream.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_walk_takes_what_its_software_depends_on_and_drops_software_that_can_not_be()
    {
        string image = Capture.File("ept-default", "");
        CliRun width = await CliRun.OfAsync("walk", image, "--set", "l1tf_cache_bits=40");
        CliRun plain = await CliRun.OfAsync("walk", image);
        CliRun dropped = await CliRun.OfAsync("walk", image, "--set", "mode_based_execute=1", "-o", "json");
        CliRun refused = await CliRun.OfAsync("walk", image, "--set", "mode_based_execute=1", "--overlay", "kvm-ept:low");

        Assert.Equal((plain.Output, ""), (width.Output, width.Errors));
        Assert.Contains("\"overlay\": null", dropped.Output, StringComparison.Ordinal);
        Assert.Contains("keeps mode_based_execute off", Assert.Single(dropped.ErrorLines), StringComparison.Ordinal);
        refused.AssertFailed(2, "keeps mode_based_execute off");
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
