using System.Globalization;
using System.Xml.Linq;
using TdpHw.Cli.Tests.Running;
using TdpHw.Formats;

namespace TdpHw.Cli.Tests;

public sealed class DescribeTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    public static TheoryData<string> Ids => [.. FormatRegistry.Formats.Select(f => f.Id)];

    public static TheoryData<string> Pictures =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "pictures")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    [Fact]
    public async Task An_entry_is_drawn_as_the_manual_draws_it()
    {
        // By hand from Intel SDM vol. 3C, table 29-7 "Format of an EPT Page-Table Entry that Maps a 4-KByte Page".
        string[] expected =
        [
            "   63   62                                                  52 51               48",
            "  +----+------------------------------------------------------+-------------------+",
            "  |SVE |                       ignored                        |       ADDR        |",
            "   47                                                                           32",
            "  +-------------------------------------------------------------------------------+",
            "  |                                     ADDR                                      |",
            "   31                                                                           16",
            "  +-------------------------------------------------------------------------------+",
            "  |                                     ADDR                                      |",
            "   15               12 11   10   9    8    7    6    5            3 2    1    0",
            "  +-------------------+----+----+----+----+----+----+--------------+----+----+----+",
            "  |       ADDR        | -  | XU | D  | A  | -  |IPAT|     EMT      | X  | W  | R  |",
            "  +-------------------+----+----+----+----+----+----+--------------+----+----+----+",
        ];

        CliRun run = await CliRun.OfAsync("describe", "ept");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        int start = Array.IndexOf(run.Lines, "leaf, level 1") + 1;
        Assert.Equal(expected, run.Lines[start..(start + expected.Length)]);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Every_form_has_every_layout_and_every_field(string id)
    {
        FormatDescription format = FormatRegistry.Formats.Single(f => f.Id == id);
        string[] titles = [.. (await CliRun.OfAsync("formats", id)).Lines
            .Where(l => l.StartsWith("bits: ", StringComparison.Ordinal))
            .Select(l => l["bits: ".Length..])];
        CliRun text = await CliRun.OfAsync("describe", id);
        CliRun markdown = await CliRun.OfAsync("describe", id, "-o", "markdown");
        CliRun svg = await CliRun.OfAsync("describe", id, "-o", "svg");

        Assert.NotEmpty(titles);
        Assert.All(titles, t => Assert.Contains(t, text.Lines));
        Assert.All(titles, t => Assert.Contains(markdown.Lines, l => l.StartsWith($"## {char.ToUpperInvariant(t[0])}{t[1..]} (", StringComparison.Ordinal)));
        XElement[] groups = [.. XDocument.Parse(svg.Output).Root!.Elements(Svg + "g")];
        Assert.Equal(titles, groups.Select(g => g.Element(Svg + "text")!.Value.Split(':')[0]));
        Assert.All(format.Fields, f => Assert.Contains($"{f.Symbol}, `", markdown.Output, StringComparison.Ordinal));
        Assert.All(format.Fields, f => Assert.Contains(
            groups.Descendants(Svg + "text"), t => t.Attribute("class")!.Value == "label" && t.Value == f.Symbol));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_picture_has_a_box_for_each_bit_and_no_more(string id)
    {
        CliRun run = await CliRun.OfAsync("describe", id, "-o", "svg");

        foreach (XElement group in XDocument.Parse(run.Output).Root!.Elements(Svg + "g"))
        {
            int[] widths =
            [
                .. group.Descendants(Svg + "rect").Select(r => int.Parse(r.Attribute("width")!.Value, CultureInfo.InvariantCulture)),
            ];
            int oneBit = widths.Min();
            Assert.Equal(64 * oneBit, widths.Sum());
        }
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task The_pictures_of_the_documents_are_those_of_the_definitions(string name)
    {
        CliRun run = await CliRun.OfAsync("describe", Path.GetFileNameWithoutExtension(name), "-o", "svg");

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "pictures", name)), run.Output);
    }

    [Fact]
    public async Task What_is_unknown_is_refused()
    {
        (await CliRun.OfAsync("describe", "etp")).AssertFailed(2, "unknown format 'etp'; did you mean 'ept'");
        (await CliRun.OfAsync("describe", "ept", "-o", "pdf")).AssertFailed(2, "unknown output 'pdf'; there are: text, markdown, svg, json");
    }
}
