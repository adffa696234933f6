using System.Text.Json;
using TdpHw.Cli.Tests.Running;
using TdpHw.Formats;

namespace TdpHw.Cli.Tests;

public sealed class VectorsTests
{
    public static TheoryData<string> Ids => [.. FormatRegistry.Formats.Select(f => f.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Each_is_a_question_with_its_answer(string id)
    {
        CliRun vectors = await CliRun.OfAsync("vectors", id);
        CliRun answers = await CliRun.WithInputAsync(vectors.Output, "explain", "--stdin", "-o", "jsonl");

        Assert.Equal((0, ""), (vectors.Exit, vectors.Errors));
        Assert.Equal(vectors.Lines.Length, answers.Lines.Length);
        foreach ((string question, string answer) in vectors.Lines.Zip(answers.Lines))
        {
            using JsonDocument vector = JsonDocument.Parse(question);
            using JsonDocument explained = JsonDocument.Parse(answer);
            foreach (string key in (string[])["level", "raw", "verdict", "reserved_bits", "res0_bits"])
            {
                Assert.Equal(explained.RootElement.GetProperty(key).ToString(), vector.RootElement.GetProperty(key).ToString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Each_level_and_layout_is_tried_bit_by_bit_on_every_machine(string id)
    {
        FormatDescription format = FormatRegistry.Formats.Single(f => f.Id == id);
        JsonElement[] vectors = [.. (await CliRun.OfAsync("vectors", id)).Lines.Select(l => JsonDocument.Parse(l).RootElement)];

        var groups = vectors.GroupBy(v => (
            Machine: v.GetProperty("caps").GetRawText(), Level: v.GetProperty("level").GetInt32(), Base: v.GetProperty("base").GetString()));
        Assert.All(groups, g =>
        {
            Assert.Equal(Enumerable.Range(-1, 65), g.Select(v => v.GetProperty("bit") is { ValueKind: JsonValueKind.Number } bit ? bit.GetInt32() : -1));
            Assert.Equal(g.Key.Base switch { "leaf" => "mapped", var other => other }, g.First().GetProperty("verdict").GetString());
        });
        Assert.Equal(
            Enumerable.Range(1, format.Walks.Max(w => w.Shape.Levels)),
            groups.Select(g => g.Key.Level).Distinct().Order());
        foreach (CapabilityDescription capability in format.Capabilities)
        {
            Assert.True(
                vectors.Select(v => v.GetProperty("caps").GetProperty(capability.Name).ToString()).Distinct().Count() > 1,
                capability.Name);
        }
    }

    [Theory]
    [InlineData(1, "leaf", 0x000f_c000_0000_0000)]
    [InlineData(2, "leaf", 0x000f_c000_001f_f000)]
    [InlineData(3, "leaf", 0x000f_c000_3fff_f000)]
    [InlineData(2, "table", 0x000f_c000_0000_0078)]
    [InlineData(4, "table", 0x000f_c000_0000_00f8)]
    public async Task Reserved_bits_are_those_of_the_manual(int level, string layout, ulong expected)
    {
        // By hand from Intel SDM vol. 3C, tables 29-1 to 29-7, for a physical address of 46 bits.
        CliRun run = await CliRun.OfAsync("vectors", "ept", "--set", "maxphyaddr=46", "--one-machine");

        ulong reserved = 0;
        foreach (JsonElement vector in run.Lines.Select(l => JsonDocument.Parse(l).RootElement))
        {
            if (vector.GetProperty("level").GetInt32() == level
                && vector.GetProperty("base").GetString() == layout
                && vector.GetProperty("verdict").GetString() == "reserved")
            {
                reserved |= 1ul << vector.GetProperty("bit").GetInt32();
                Assert.Contains("must be zero", vector.GetProperty("reason").GetString(), StringComparison.Ordinal);
                Assert.Contains("[Intel SDM", vector.GetProperty("reason").GetString(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(expected, reserved);
    }

    [Fact]
    public async Task What_is_unknown_is_refused()
    {
        (await CliRun.OfAsync("vectors", "etp")).AssertFailed(2, "unknown format 'etp'; did you mean 'ept'");
        (await CliRun.OfAsync("vectors", "ept", "--set", "haw=40")).AssertFailed(2, "unknown capability 'haw'");
    }
}
