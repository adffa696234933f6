using System.Text;
using System.Text.Json;
using TdpHw.Benchmarks.Ratios;

namespace TdpHw.Formats.Tests.Benchmarks;

/// <summary>What <c>ratios</c> prints: others read it.</summary>
public sealed class RatioRowTests
{
    private static readonly string[] Keys = ["case", "ours_ns", "peer", "peer_ns", "ratio", "goal", "met", "parameters"];

    private static readonly string[] Measured = ["ours_ns", "peer_ns", "ratio", "met"];

    [Fact]
    public void A_row_has_the_promised_keys_and_the_ratio_of_its_times()
    {
        JsonElement row = Written(RatioRow.Measured(Goals.Classify, 0.5, 0.4, ("tables", "some")));

        Assert.Equal(Keys, row.EnumerateObject().Select(p => p.Name));
        Assert.Equal("classify", row.GetProperty("case").GetString());
        Assert.Equal(1.25, row.GetProperty("ratio").GetDouble());
        Assert.Equal(1.1, row.GetProperty("goal").GetDouble());
        Assert.False(row.GetProperty("met").GetBoolean());
        Assert.Equal("some", row.GetProperty("parameters").GetProperty("tables").GetString());
    }

    [Fact]
    public void A_ratio_that_is_the_goal_meets_it() => Assert.True(RatioRow.Measured(Goals.Fault, 3, 1).IsMet);

    [Fact]
    public void A_skipped_row_has_the_same_keys_and_says_why()
    {
        JsonElement row = Written(RatioRow.Skipped(Goals.ScanImage, "no memory"));

        Assert.Equal(Keys, row.EnumerateObject().Select(p => p.Name));
        Assert.All(
            Measured,
            key => Assert.Equal(JsonValueKind.Null, row.GetProperty(key).ValueKind));
        Assert.Equal("no memory", row.GetProperty("parameters").GetProperty("skipped").GetString());
    }

    [Fact]
    public void Every_goal_of_the_table_is_there_once()
    {
        string[] cases =
        [
            "translate-one", "translate-batch-limit", "translate-batch-c", "translate-batch-addrxlat", "translate-sorted", "classify",
            "audit", "ranges", "ranges-2", "map-256", "unmap-256", "fault", "explain-start", "edit", "scan-image",
        ];

        Assert.Equal(cases, Goals.All.Select(g => g.Case));
        Assert.Equal(
            [1.05, 1.3, 0.33, 0.05, 0.15, 1.1, 1.15, 1.3, 0.56, 1.1, 1.1, 3, 2, 0.25, 1.3],
            Goals.All.Select(g => g.Limit));
    }

    [Theory]
    [InlineData(new[] { 3.0, 1.0, 2.0 }, 2.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 3.0 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double expected) => Assert.Equal(expected, Interleaved.Median(values));

    private static JsonElement Written(RatioRow row)
    {
        using var stream = new MemoryStream();
        RatioTable.WriteJson(stream, [row]);
        JsonElement array = JsonDocument.Parse(Encoding.UTF8.GetString(stream.ToArray())).RootElement;
        Assert.Equal(1, array.GetArrayLength());
        return array[0];
    }
}
