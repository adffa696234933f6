using System.Text.Json;
using TdpHw.Cli.Tests.Running;
using TdpHw.Formats;

namespace TdpHw.Cli.Tests;

public sealed class MatrixTests
{
    [Fact]
    public async Task Every_exporter_is_judged_with_every_importer_of_another_format()
    {
        CliRun run = await CliRun.OfAsync("check", "--matrix", "-o", "jsonl");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        var pairs = run.Lines.Select(l => JsonDocument.Parse(l).RootElement).Select(p => (
            Exporter: p.GetProperty("overlay").GetString() ?? p.GetProperty("exporter").GetString(),
            Importer: p.GetProperty("importer").GetString()));
        var expected =
            from format in FormatRegistry.Formats
            from exporter in FormatRegistry.Overlays
                .Where(o => o.FormatId == format.Id)
                .SelectMany(o => o.Variants.Select(v => $"{o.Id}:{v.Id}"))
                .Prepend(format.Id)
            from importer in FormatRegistry.Formats
            where importer != format
            select ((string?)exporter, (string?)importer.Id);
        Assert.Equal(expected, pairs);
    }

    // By hand. Bit 11 and bit 62: Intel VT-d 9.8 reserves them in table entries, 62 in leaves too; KVM's MMIO has W set and R clear,
    // which is a page to write to where VT-d has no misconfiguration. Execute-only EPT pages are not present to a VT-d unit.
    [Theory]
    [InlineData("kvm-ept:low", "no", "reserved-bit 11 table, reserved-bit 62 table, reserved-bit 62 leaf, not-present - table, not-present - leaf, unwanted-mapping - leaf")]
    [InlineData("kvm-ept:high", "no", "reserved-bit 62 table, reserved-bit 62 leaf, not-present - table, not-present - leaf, unwanted-mapping - leaf")]
    [InlineData("kvm-ept:strict", "if", "")]
    public async Task Linux_KVM_and_a_VTd_unit(string exporter, string verdict, string reasons)
    {
        CliRun run = await CliRun.OfAsync("check", "--matrix", "-o", "json");

        using JsonDocument matrix = JsonDocument.Parse(run.Output);
        JsonElement pair = matrix.RootElement.EnumerateArray().Single(p =>
            p.GetProperty("overlay").GetString() == exporter && p.GetProperty("importer").GetString() == "vtd-ss");
        Assert.Equal(verdict, pair.GetProperty("verdict").GetString());
        Assert.Equal(
            verdict == "if" ? """{"exec_only": false}""" : "{}",
            pair.GetProperty("exporter_settings").GetRawText().ReplaceLineEndings("").Replace(" ", "", StringComparison.Ordinal)
                .Replace(":", ": ", StringComparison.Ordinal));
        Assert.Equal(
            reasons.Split(", ", StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            pair.GetProperty("reasons").EnumerateArray()
                .Where(r => r.GetProperty("in_the_way").GetBoolean())
                .Select(r => $"{r.GetProperty("code").GetString()} {r.GetProperty("bit").ToString() switch { "" => "-", var bit => bit }} {r.GetProperty("kind").GetString()}")
                .Distinct()
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Text_has_the_table_and_what_each_answer_depends_on()
    {
        CliRun run = await CliRun.OfAsync("check", "--matrix");

        string header = run.Lines.Single(l => l.StartsWith(' ') && l.Contains(" vtd-ss", StringComparison.Ordinal) && !l.Contains(':', StringComparison.Ordinal));
        int column = header.IndexOf("vtd-ss", StringComparison.Ordinal);
        string row = run.Lines.First(l => l.StartsWith("kvm-ept:strict ", StringComparison.Ordinal));
        Assert.Equal("if", row[column..].Split(' ')[0]);
        Assert.Contains("kvm-ept:strict to vtd-ss: if, with exporter exec_only off", run.Lines);
        Assert.Contains("  reserved-bit bits 62, 11: table, levels 2, 3, 4", run.Lines);
    }

    [Fact]
    public async Task The_matrix_takes_no_image()
    {
        (await CliRun.OfAsync("check", "IMAGE", "--matrix")).AssertFailed(2, "takes no image");
        (await CliRun.OfAsync("check", "--matrix", "--importer", "vtd-ss")).AssertFailed(2, "takes no image and no --importer");
        (await CliRun.OfAsync("check", "--matrix", "--set", "haw=46")).AssertFailed(2, "takes no image and no --set");
        (await CliRun.OfAsync("check", "--matrix", "--max-rows", "5")).AssertFailed(2, "takes no image and no --max-rows");
        (await CliRun.OfAsync("check", "--matrix", "-o", "tsv")).AssertFailed(2, "no rows of one form");
        (await CliRun.OfAsync("check", "--importer", "vtd-ss")).AssertFailed(2, "an IMAGE is required");
        (await CliRun.OfAsync("check", "IMAGE")).AssertFailed(2, "'--importer' is required");
    }
}
