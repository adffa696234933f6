using System.Text;
using System.Text.Json;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Benchmarks;

/// <summary><c>ratios --format</c>: the same guest in tables of several formats.</summary>
public sealed class GuestFormatTests
{
    // 4K and 2M pages, and enough regions of 4K pages for all that these have one in 1024 of.
    private static readonly GuestShape Shape = new("2G in 2M with 4K islands", 2ul << 30, 2);

    private static readonly GuestTables<Ept> Expected = new(new EptGuest(), Shape);

    [Fact]
    public void The_formats_are_those_promised() => Assert.Equal(["ept", "npt", "amdv1"], GuestFormat.All.Select(f => f.Id));

    [Fact]
    public void Npt_maps_what_ept_maps() => MapsTheSame(new GuestTables<Npt>(new NptGuest(), Shape));

    [Fact]
    public void AmdV1_maps_what_ept_maps() => MapsTheSame(new GuestTables<AmdV1>(new AmdV1Guest(), Shape));

    [Fact]
    public void What_a_format_refuses_is_malformed()
    {
        Assert.Equal(EntryKind.IllegalEncoding, Judged(new EptGuest()));
        Assert.Equal(EntryKind.ReservedBitSet, Judged(new NptGuest()));
        Assert.Equal(EntryKind.ReservedBitSet, Judged(new AmdV1Guest()));
    }

    [Theory]
    [InlineData("--format", "arm")]
    [InlineData("--format")]
    [InlineData("npt")]
    public void A_format_that_there_is_none_of_is_refused(params string[] arguments)
    {
        using var log = new StringWriter();

        Assert.Equal(2, RatioCommand.Run(arguments, Stream.Null, log));
        Assert.Contains($"'{string.Join(' ', arguments)}'", log.ToString(), StringComparison.Ordinal);
        Assert.Contains("--format ept|npt|amdv1", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_case_without_the_format_says_so()
    {
        string[] cases = ["map-256", "unmap-256", "fault", "explain-start", "edit"];
        using var output = new MemoryStream();

        Assert.Equal(0, RatioCommand.Run(["--format", "npt", "-o", "json", .. cases], output, TextWriter.Null));
        JsonElement[] rows = [.. JsonDocument.Parse(Encoding.UTF8.GetString(output.ToArray())).RootElement.EnumerateArray()];
        Assert.Equal(cases, rows.Select(r => r.GetProperty("case").GetString()));
        Assert.All(rows, row =>
        {
            Assert.Equal(JsonValueKind.Null, row.GetProperty("ratio").ValueKind);
            Assert.Equal("npt", row.GetProperty("parameters").GetProperty("format").GetString());
            Assert.Equal("not available for npt", row.GetProperty("parameters").GetProperty("skipped").GetString());
        });
    }

    [Fact]
    public void Ept_has_all_cases_and_each_format_a_row_for_every_goal() => Assert.All(GuestFormat.All, format =>
    {
        Assert.Equal(Goals.All.Order(ByName), format.Cases.SelectMany(c => c.Goals).Order(ByName));
        Assert.All(new EptGuest().Cases, c => Assert.True(c.IsFor(new EptGuest())));
    });

    private static readonly Comparer<Goal> ByName = Comparer<Goal>.Create((a, b) => string.CompareOrdinal(a.Case, b.Case));

    private static EntryKind Judged<TFormat>(GuestFormat<TFormat> format)
        where TFormat : struct, IPageTableFormat<TFormat> => format.Rules[1].KindOf(format.Refused);

    private static void MapsTheSame<TFormat>(GuestTables<TFormat> tables)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        var seen = new Dictionary<(bool IsMapped, bool CanWrite, int Shift), int>();
        int refused = 0;
        for (ulong address = 0x123; address < Shape.Size; address += 4096)
        {
            WalkResult expected = Ept.Walk(Expected.Memory, Expected.Root, new(address));
            WalkResult walk = TFormat.Walk(tables.Memory, tables.Root, new(address));
            (bool, bool, int) what = (walk.IsMapped, (walk.Rights & Rights.Write) != 0, walk.PageShift);
            if ((expected.IsMapped, (expected.Rights & Rights.Write) != 0, expected.PageShift) != what
                || (expected.Output, expected.Level, expected.EntryAddress) != (walk.Output, walk.Level, walk.EntryAddress))
            {
                Assert.Fail($"{address:x}: EPT {expected}, {TFormat.Description.Id} {walk}");
            }

            seen[what] = seen.GetValueOrDefault(what) + 1;
            refused += walk.Outcome == WalkOutcome.ReservedBitSet ? 1 : 0;
        }

        // All kinds of entries are there: 4K pages with and without writes, 2M pages, holes, refused ones.
        Assert.Equal(4, seen.Count);
        Assert.NotEqual(0, refused);
    }
}
