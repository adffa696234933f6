using System.Text.Json;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

public sealed class ReservedMaskTests
{
    public static TheoryData<string> SubjectNames => Subjects.Names;

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Ept_reserves_what_kvm_checks_guests_for(string subject) => CheckEpt(subject, "guest", 0);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Ept_reserves_what_kvm_checks_its_own_entries_for(string subject) =>
        CheckEpt(subject, "shadow_before", 0);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Ept_with_the_zero_bits_of_the_high_variant_reserves_what_the_series_checks_for(string subject)
    {
        InterpretedVariant high = Definitions.Overlay("kvm-ept").Resolve(
            "high", Definitions.Format("ept").Resolve(new Dictionary<string, ulong>()), new Dictionary<string, ulong>());
        CheckEpt(subject, "shadow_after", high.ZeroMask);
    }

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Nested_paging_reserves_what_kvm_checks_for_on_AMD(string subject) => CheckX64(subject, "npt", "masks");

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Paging_reserves_what_kvm_checks_guests_for_on_Intel(string subject) => CheckX64(subject, "x86-64", "intel_same_caps");

    private static void CheckX64(string subject, string formatId, string matrix)
    {
        JsonElement oracle = OracleFile.Read("npt_rsvd");
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in oracle.GetProperty("rows").EnumerateArray())
        {
            count++;
            if (!row.TryGetProperty(matrix, out JsonElement masks))
            {
                // Intel has no bit for encrypted memory.
                continue;
            }

            var capabilities = new Dictionary<string, ulong>
            {
                ["maxphyaddr"] = row.GetProperty("physbits").GetUInt64(),
                ["page_1g"] = row.GetProperty("gbpages").GetUInt64(),
                ["no_execute"] = row.GetProperty("nx").GetUInt64(),
            };
            if (row.TryGetProperty("cbit", out JsonElement bit))
            {
                capabilities.Add("c_bit", bit.GetUInt64());
            }

            IRulesUnderTest rules = Subjects.Named(subject).Resolve(formatId, capabilities);
            string where = string.Join(' ', capabilities);
            for (int bit7 = 0; bit7 <= 1; bit7++)
            {
                // KVM leaves the row of a level that its walk lacks as it was.
                for (int level = 1; level <= row.GetProperty("levels").GetInt32(); level++)
                {
                    EntryLayout layout = level == 1 ? EntryLayout.Leaf
                        : level > 3 || bit7 == 0 ? EntryLayout.Table
                        : level == 2 || capabilities["page_1g"] != 0 ? EntryLayout.Leaf
                        : EntryLayout.RefusedLeaf;
                    findings.Expect(
                        where, $"level {level}, bit 7 {bit7}", masks[bit7][level - 1].Hex(), rules.ReservedMask(level, layout));
                }
            }
        }

        findings.AssertNone(oracle.GetProperty("rows").GetArrayLength(), count);
    }

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Vtd_second_stage_reserves_what_the_manual_says(string subject)
    {
        JsonElement oracle = OracleFile.Read("vtdss_rsvd");
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in oracle.GetProperty("rows").EnumerateArray())
        {
            ulong haw = row.GetProperty("haw").GetUInt64();
            ulong pages = row.GetProperty("sllps").GetUInt64();
            ulong snoop = row.GetProperty("sc").GetUInt64();
            ulong levels = row.GetProperty("levels").GetUInt64();
            IRulesUnderTest rules = Subjects.Named(subject).Resolve("vtd-ss", new Dictionary<string, ulong>
            {
                ["haw"] = haw,
                ["page_2m"] = pages & 1,
                ["page_1g"] = pages >> 1,
                ["snoop_control"] = snoop,
                ["walk_5"] = levels == 5 ? 1ul : 0,
            });
            foreach (JsonElement level in row.GetProperty("per_level").EnumerateArray())
            {
                int number = level.GetProperty("level").GetInt32();
                string where = $"haw {haw} sllps {pages} sc {snoop} level {number}";
                if (level.GetProperty("leaf").HexOrNull() is { } leaf)
                {
                    bool allowed = level.GetProperty("leaf_allowed").GetBoolean();
                    EntryLayout layout = allowed ? EntryLayout.Leaf : EntryLayout.RefusedLeaf;
                    findings.Expect(where, "leaf", leaf, rules.ReservedMask(number, layout));
                }

                if (level.GetProperty("nonleaf").HexOrNull() is { } table)
                {
                    findings.Expect(where, "table", table, rules.ReservedMask(number, EntryLayout.Table));
                }
            }

            count++;
        }

        findings.AssertNone(oracle.GetProperty("count").GetInt32(), count);
    }

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Ept_refuses_the_combinations_of_type_and_rights_that_kvm_refuses(string subject)
    {
        JsonElement sets = OracleFile.Read("ept_rsvd").GetProperty("bad_mt_xwr");
        var findings = new Findings();
        int count = 0;
        foreach (ulong execOnly in new ulong[] { 0, 1 })
        {
            ulong bad = sets.GetProperty($"execonly_{execOnly}").Hex();
            IRulesUnderTest rules = Subjects.Named(subject).Resolve(
                "ept", new Dictionary<string, ulong> { ["exec_only"] = execOnly });
            for (int lowSix = 0; lowSix < 64; lowSix++)
            {
                // KVM looks its set up for present entries only; for others its bits say nothing.
                EntryKind expected = (lowSix & 7) == 0
                    ? EntryKind.NotPresent
                    : ((bad >> lowSix) & 1) != 0 ? EntryKind.IllegalEncoding : EntryKind.Leaf;
                string where = $"exec_only {execOnly}, low six bits {lowSix}";
                findings.Expect(where, "page", expected, rules.Decode(1, (ulong)lowSix).Kind);
                findings.Expect(where, "2-MiB page", expected, rules.Decode(2, (ulong)lowSix | 0x80).Kind);
                findings.Expect(where, "1-GiB page", expected, rules.Decode(3, (ulong)lowSix | 0x80).Kind);
                count++;
            }
        }

        findings.AssertNone(128, count);
    }

    private static void CheckEpt(string subject, string matrix, ulong alsoZero)
    {
        JsonElement oracle = OracleFile.Read("ept_rsvd");
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in oracle.GetProperty("rows").EnumerateArray())
        {
            ulong width = row.GetProperty("maxphyaddr").GetUInt64();
            bool page2M = row.GetProperty("huge_2m").GetBoolean();
            bool page1G = row.GetProperty("huge_1g").GetBoolean();
            IRulesUnderTest rules = Subjects.Named(subject).Resolve("ept", new Dictionary<string, ulong>
            {
                ["maxphyaddr"] = width,
                ["page_2m"] = page2M ? 1ul : 0,
                ["page_1g"] = page1G ? 1ul : 0,
            });
            for (int bit7 = 0; bit7 <= 1; bit7++)
            {
                for (int level = 1; level <= 5; level++)
                {
                    EntryLayout layout = LayoutOf(level, bit7 == 1, level == 2 ? page2M : page1G);
                    findings.Expect(
                        $"maxphyaddr {width} 2M {page2M} 1G {page1G} bit 7 {bit7} level {level}",
                        matrix,
                        row.GetProperty(matrix)[bit7][level - 1].Hex(),
                        rules.ReservedMask(level, layout) | alsoZero);
                }
            }

            count++;
        }

        findings.AssertNone(oracle.GetProperty("count").GetInt32(), count);
    }

    private static EntryLayout LayoutOf(int level, bool bit7, bool pageSupported) => level switch
    {
        1 => EntryLayout.Leaf,
        2 or 3 when bit7 => pageSupported ? EntryLayout.Leaf : EntryLayout.RefusedLeaf,
        _ => EntryLayout.Table,
    };
}
