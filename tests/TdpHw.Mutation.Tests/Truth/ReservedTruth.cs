using System.Text.Json;
using TdpHw.Formats;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Masks of bits that must be zero, by machine, level and layout; KVM's set of refused combinations.</summary>
internal sealed class ReservedTruth : ITruth
{
    private readonly string _format;
    private readonly Row[] _rows;
    private readonly ulong[] _refused = [];

    private ReservedTruth(string name, string format, string about, Row[] rows)
    {
        Name = name;
        _format = format;
        _rows = rows;
        About = [about];
        if (format == "ept")
        {
            JsonElement sets = Json.Oracle(name).GetProperty("bad_mt_xwr");
            _refused = [sets.GetProperty("execonly_0").Hex(), sets.GetProperty("execonly_1").Hex()];
        }
    }

    public static ReservedTruth Ept => new("ept_rsvd", "ept", "Ept", [.. EptRows()]);

    public static ReservedTruth VtdSecondStage => new("vtdss_rsvd", "vtd-ss", "VtdSecondStage", [.. VtdRows()]);

    public static ReservedTruth X64 => new("npt_rsvd on x86-64", "x86-64", "X64", [.. X64Rows("intel_same_caps")]);

    public static ReservedTruth Npt => new("npt_rsvd", "npt", "Npt", [.. X64Rows("masks")]);

    public string Name { get; }

    public IReadOnlyCollection<string> About { get; }

    public void Check(World world)
    {
        SpecFormat format = world.Format(_format);
        foreach (Row row in _rows)
        {
            SpecRules rules = format.Resolve(row.Capabilities);
            foreach ((int level, EntryLayout layout, ulong mask) in row.Masks)
            {
                Expect.Equal(mask, rules[level].ReservedIn(layout), row.Id, $"reserved in {layout} at level {level}");
            }
        }

        for (int execOnly = 0; execOnly < _refused.Length; execOnly++)
        {
            CheckRefused(format.Resolve(new Dictionary<string, int> { ["exec_only"] = execOnly }), _refused[execOnly]);
        }
    }

    private static void CheckRefused(SpecRules rules, ulong refused)
    {
        for (int lowSix = 0; lowSix < 64; lowSix++)
        {
            // KVM looks its set up for present entries only; for others its bits say nothing.
            EntryKind expected = (lowSix & 7) == 0 ? EntryKind.NotPresent
                : ((refused >> lowSix) & 1) != 0 ? EntryKind.IllegalEncoding
                : EntryKind.Leaf;
            Expect.Equal(expected, rules[1].KindOf((ulong)lowSix), "bad_mt_xwr", "page");
            Expect.Equal(expected, rules[2].KindOf((ulong)lowSix | 0x80), "bad_mt_xwr", "2-MiB page");
            Expect.Equal(expected, rules[3].KindOf((ulong)lowSix | 0x80), "bad_mt_xwr", "1-GiB page");
            for (int level = 2; level <= rules.LevelCount; level++)
            {
                // A table entry has no memory type: those bits are reserved before the set is looked at.
                EntryKind table = expected == EntryKind.NotPresent ? expected
                    : lowSix > 7 ? EntryKind.ReservedBitSet
                    : expected == EntryKind.Leaf ? EntryKind.Table
                    : expected;
                Expect.Equal(table, rules[level].KindOf((ulong)lowSix), "bad_mt_xwr", $"table of level {level}");
            }
        }
    }

    private static IEnumerable<Row> EptRows()
    {
        foreach (JsonElement row in Json.Oracle("ept_rsvd").GetProperty("rows").EnumerateArray())
        {
            int width = row.GetProperty("maxphyaddr").GetInt32();
            bool page2M = row.GetProperty("huge_2m").GetBoolean();
            bool page1G = row.GetProperty("huge_1g").GetBoolean();
            var masks = new List<(int, EntryLayout, ulong)>();
            foreach (string matrix in new[] { "guest", "shadow_before" })
            {
                for (int bit7 = 0; bit7 <= 1; bit7++)
                {
                    for (int level = 1; level <= 5; level++)
                    {
                        EntryLayout layout = level == 1 ? EntryLayout.Leaf
                            : level > 3 || bit7 == 0 ? EntryLayout.Table
                            : (level == 2 ? page2M : page1G) ? EntryLayout.Leaf
                            : EntryLayout.RefusedLeaf;
                        masks.Add((level, layout, row.GetProperty(matrix)[bit7][level - 1].Hex()));
                    }
                }
            }

            yield return new Row(
                $"maxphyaddr {width} 2M {page2M} 1G {page1G}",
                new Dictionary<string, int> { ["maxphyaddr"] = width, ["page_2m"] = page2M ? 1 : 0, ["page_1g"] = page1G ? 1 : 0 },
                [.. masks]);
        }
    }

    private static IEnumerable<Row> VtdRows()
    {
        foreach (JsonElement row in Json.Oracle("vtdss_rsvd").GetProperty("rows").EnumerateArray())
        {
            var capabilities = new Dictionary<string, int>
            {
                ["haw"] = row.GetProperty("haw").GetInt32(),
                ["page_2m"] = row.GetProperty("sllps").GetInt32() & 1,
                ["page_1g"] = row.GetProperty("sllps").GetInt32() >> 1,
                ["snoop_control"] = row.GetProperty("sc").GetInt32(),
                ["walk_5"] = row.GetProperty("levels").GetInt32() == 5 ? 1 : 0,
            };
            var masks = new List<(int, EntryLayout, ulong)>();
            foreach (JsonElement level in row.GetProperty("per_level").EnumerateArray())
            {
                int number = level.GetProperty("level").GetInt32();
                if (level.GetProperty("leaf").HexOrNull() is { } leaf)
                {
                    bool allowed = level.GetProperty("leaf_allowed").GetBoolean();
                    masks.Add((number, allowed ? EntryLayout.Leaf : EntryLayout.RefusedLeaf, leaf));
                }

                if (level.GetProperty("nonleaf").HexOrNull() is { } table)
                {
                    masks.Add((number, EntryLayout.Table, table));
                }
            }

            yield return new Row(string.Join(' ', capabilities), capabilities, [.. masks]);
        }
    }

    private static IEnumerable<Row> X64Rows(string matrix)
    {
        foreach (JsonElement row in Json.Oracle("npt_rsvd").GetProperty("rows").EnumerateArray())
        {
            if (!row.TryGetProperty(matrix, out JsonElement masks))
            {
                // Intel has no bit for encrypted memory.
                continue;
            }

            var capabilities = new Dictionary<string, int>
            {
                ["maxphyaddr"] = row.GetProperty("physbits").GetInt32(),
                ["page_1g"] = row.GetProperty("gbpages").GetInt32(),
                ["no_execute"] = row.GetProperty("nx").GetInt32(),
            };
            if (row.TryGetProperty("cbit", out JsonElement bit))
            {
                capabilities.Add("c_bit", bit.GetInt32());
            }

            var expected = new List<(int, EntryLayout, ulong)>();
            for (int bit7 = 0; bit7 <= 1; bit7++)
            {
                // KVM leaves the row of a level that its walk lacks as it was.
                for (int level = 1; level <= row.GetProperty("levels").GetInt32(); level++)
                {
                    EntryLayout layout = level == 1 ? EntryLayout.Leaf
                        : level > 3 || bit7 == 0 ? EntryLayout.Table
                        : level == 2 || capabilities["page_1g"] != 0 ? EntryLayout.Leaf
                        : EntryLayout.RefusedLeaf;
                    expected.Add((level, layout, masks[bit7][level - 1].Hex()));
                }
            }

            yield return new Row(string.Join(' ', capabilities), capabilities, [.. expected]);
        }
    }

    private sealed record Row(
        string Id, IReadOnlyDictionary<string, int> Capabilities, (int Level, EntryLayout Layout, ulong Mask)[] Masks);
}
