using System.Text.Json;
using TdpHw.Cli.Tests.Running;
using TdpHw.Formats;

namespace TdpHw.Cli.Tests;

public sealed class FormatsTests
{
    public static TheoryData<string> Ids => [.. FormatRegistry.Formats.Select(f => f.Id)];

    [Fact]
    public async Task Every_format_is_listed_in_every_form()
    {
        CliRun text = await CliRun.OfAsync("formats");
        CliRun columns = await CliRun.OfAsync("formats", "-o", "tsv");
        CliRun json = await CliRun.OfAsync("formats", "-o", "json");
        CliRun lines = await CliRun.OfAsync("formats", "-o", "jsonl");

        string[] ids = [.. FormatRegistry.Formats.Select(f => f.Id)];
        Assert.Equal(ids, text.Lines.Select(l => l.Split(' ')[0]));
        Assert.Equal(["id", .. ids], columns.Lines.Select(l => l.Split('\t')[0]));
        using JsonDocument array = JsonDocument.Parse(json.Output);
        Assert.Equal(ids, array.RootElement.EnumerateArray().Select(f => f.GetProperty("id").GetString()));
        Assert.Equal(ids, lines.Lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("amdv1", "1 to 6 levels")]
    [InlineData("ept", "4 or 5 levels")]
    [InlineData("riscv-sv57x4", "5 levels")]
    public async Task The_depths_of_walk_read_as_people_say_them(string id, string depths)
    {
        CliRun text = await CliRun.OfAsync("formats");

        Assert.StartsWith(depths + " ", text.Lines.Single(l => l.StartsWith(id + " ", StringComparison.Ordinal))[id.Length..].TrimStart(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_description_names_every_capability_field_and_rule(string id)
    {
        FormatDescription format = FormatRegistry.Formats.Single(f => f.Id == id);

        CliRun text = await CliRun.OfAsync("formats", id);
        CliRun json = await CliRun.OfAsync("formats", id, "-o", "json");

        Assert.Equal((0, 0), (text.Exit, json.Exit));
        using JsonDocument document = JsonDocument.Parse(json.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(
            format.Capabilities.Select(c => c.Name),
            root.GetProperty("capabilities").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(
            format.IllegalRules.Select(r => r.Name),
            root.GetProperty("illegal").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        HashSet<string?> symbols =
        [
            .. root.GetProperty("layouts").EnumerateArray()
                .SelectMany(l => l.GetProperty("bits").EnumerateArray())
                .Select(b => b.GetProperty("symbol").GetString()),
        ];
        Assert.All(format.Fields, f => Assert.Contains(f.Symbol, symbols));
        Assert.All(format.Capabilities, c => Assert.Contains(c.Name, text.Output, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_picture_of_a_present_entry_accounts_for_every_bit(string id)
    {
        CliRun run = await CliRun.OfAsync("formats", id, "-o", "jsonl");

        using JsonDocument document = JsonDocument.Parse(run.Output);
        foreach (JsonElement layout in document.RootElement.GetProperty("layouts").EnumerateArray())
        {
            if (layout.GetProperty("layout").GetString() == "not-present")
            {
                continue;
            }

            ulong covered = 0;
            foreach (JsonElement row in layout.GetProperty("bits").EnumerateArray())
            {
                if (char.IsAsciiLetter(row.GetProperty("bits").GetString()![0]))
                {
                    // A capability says which of the other bits it is.
                    continue;
                }

                int[] ends = [.. row.GetProperty("bits").GetString()!.Split(':').Select(int.Parse)];
                covered |= new BitRange(ends[0], ends[^1]).Mask;
            }

            Assert.Equal(ulong.MaxValue, covered);
        }
    }

    [Fact]
    public async Task What_software_depends_on_is_described_with_it()
    {
        CliRun text = await CliRun.OfAsync("formats", "ept");
        CliRun json = await CliRun.OfAsync("formats", "ept", "-o", "jsonl");

        Assert.Contains("\n  l1tf_cache_bits  32 to 46 or null  null  ", text.Output, StringComparison.Ordinal);
        Assert.Contains("not used where the hardware has mode_based_execute", text.Output, StringComparison.Ordinal);
        Assert.Contains("{\"name\":\"l1tf_cache_bits\",", json.Output, StringComparison.Ordinal);
        Assert.Contains("\"kept_off\":[\"mode_based_execute\"]", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bits_that_are_reserved_under_a_capability_say_which_and_where_that_stands()
    {
        string[] ept = (await CliRun.OfAsync("formats", "ept")).Lines;
        string[] unit = (await CliRun.OfAsync("formats", "vtd-ss")).Lines;

        string[] large = [.. ept.SkipWhile(l => l != "bits: leaf, level 2").Skip(1).TakeWhile(l => l.Length != 0)];
        string[] huge = [.. ept.SkipWhile(l => l != "bits: leaf, level 3").Skip(1).TakeWhile(l => l.Length != 0)];
        Assert.Single(large, l => l.StartsWith("  51:21  ADDR  address", StringComparison.Ordinal) && l.Contains("above maxphyaddr reserved"));
        Assert.Single(large, l => l.StartsWith("  20:12        reserved", StringComparison.Ordinal));
        Assert.Single(large, l => l.StartsWith("      7  PS ", StringComparison.Ordinal) && l.Contains("needs page_2m, else reserved"));
        Assert.Single(huge, l => l.StartsWith("  29:12        reserved", StringComparison.Ordinal));
        Assert.Single(huge, l => l.Contains("needs page_1g, else reserved"));
        Assert.All(large.Where(l => l.Contains("reserved")), l => Assert.EndsWith("]", l, StringComparison.Ordinal));
        Assert.Contains(unit, l => l.StartsWith("  interrupt  0xfee00000 to 0xfeefffff  requests here never reach the tables; ", StringComparison.Ordinal));
        Assert.Contains(unit, l => l.Contains("above haw reserved"));
    }

    [Fact]
    public async Task A_condition_says_what_the_bit_is_otherwise()
    {
        CliRun run = await CliRun.OfAsync("formats", "vtd-ss");

        Assert.Contains("needs snoop_control, else reserved", run.Output, StringComparison.Ordinal);
        Assert.Contains("needs execute_requests, else ignored", run.Output, StringComparison.Ordinal);
    }
}
