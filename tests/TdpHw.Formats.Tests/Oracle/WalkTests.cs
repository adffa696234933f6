using System.Text.Json;

namespace TdpHw.Formats.Tests.Oracle;

public sealed class WalkTests
{
    public static TheoryData<string> SubjectNames => Subjects.Names;

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_ept_walk_ends_as_expected_whatever_the_access(string subject) =>
        Check(subject, "ept", "ept", "ept_caps", OracleCapabilities.Ept, ExpectMalformedFirst);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_vtd_second_stage_walk_ends_as_expected_whatever_the_access(string subject) =>
        Check(subject, "vtdss", "vtd-ss", "vtd_caps", OracleCapabilities.VtdSecondStage, ExpectPermissionFirst);

    private static void Check(
        string subject,
        string answer,
        string formatId,
        string caps,
        Func<JsonElement, IReadOnlyDictionary<string, ulong>> translate,
        Func<JsonElement, Access, Stop?> expectOtherwise)
    {
        JsonElement oracle = OracleFile.Read("walks");
        var images = oracle.GetProperty("images").EnumerateObject().ToDictionary(
            image => image.Name,
            image => image.Value.EnumerateObject().ToDictionary(
                entry => OracleFile.ParseHex(entry.Name), entry => entry.Value.Hex()));
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement walk in oracle.GetProperty("walks").EnumerateArray())
        {
            Dictionary<ulong, ulong> image = images[walk.GetProperty("image").ToString()];
            IRulesUnderTest rules = Subjects.Named(subject).Resolve(formatId, translate(walk.GetProperty(caps)));
            foreach (Access access in Enum.GetValues<Access>())
            {
                var reads = new List<ulong>();
                WalkResult result = rules.Walk(
                    address => Read(image, reads, address),
                    walk.GetProperty("root").Hex(),
                    walk.GetProperty("levels").GetInt32(),
                    new(walk.GetProperty("gpa").Hex()),
                    access);
                JsonElement expect = walk.GetProperty(answer);
                string where = $"{walk.GetProperty("id").GetString()} {access}";
                if (expectOtherwise(expect, access) is { } stop)
                {
                    findings.Expect(where, "outcome", WalkOutcome.PermissionDenied, result.Outcome);
                    CheckPath(findings, where, expect, stop.Reads, stop.Level, reads, result);
                }
                else
                {
                    CheckAnswer(findings, where, expect, reads, result);
                }
            }

            count++;
        }

        findings.AssertNone(oracle.GetProperty("count").GetInt32(), count);
    }

    /// <summary>The images list what is not zero.</summary>
    private static ulong Read(Dictionary<ulong, ulong> image, List<ulong> reads, ulong address)
    {
        ulong entry = image.GetValueOrDefault(address);
        reads.Add(entry);
        return entry;
    }

    /// <summary>The oracle's own answer, which asks for no right.</summary>
    private static void CheckAnswer(
        Findings findings, string where, JsonElement expect, List<ulong> reads, WalkResult result)
    {
        string word = expect.GetProperty("result").GetString()!;
        WalkOutcome outcome = word switch
        {
            "ok" => WalkOutcome.Mapped,
            "not-present" => WalkOutcome.NotPresent,
            "reserved-fault" => WalkOutcome.ReservedBitSet,
            "misconfig" => expect.GetProperty("why").Words().Contains("reserved-bits")
                ? WalkOutcome.ReservedBitSet
                : WalkOutcome.IllegalEncoding,
            _ => throw new InvalidDataException($"'{word}' is no result of a walk."),
        };
        findings.Expect(where, "outcome", outcome, result.Outcome);
        bool mapped = outcome == WalkOutcome.Mapped;
        int level = expect.GetProperty(mapped ? "level" : "stop_level").GetInt32();
        CheckPath(findings, where, expect, expect.GetProperty("trace").GetArrayLength(), level, reads, result);
        if (mapped)
        {
            CheckLeaf(findings, where, expect, result);
        }
        else
        {
            findings.Expect(where, "output", 0, result.Output.Value);
            findings.Expect(where, "page size", 0, result.PageSize);
        }
    }

    private static void CheckLeaf(Findings findings, string where, JsonElement expect, WalkResult result)
    {
        findings.Expect(where, "output", expect.GetProperty("pa").Hex(), result.Output.Value);
        findings.Expect(where, "page size", expect.GetProperty("page_size").GetUInt64(), result.PageSize);
        foreach ((Rights right, string key) in RightKeys)
        {
            bool granted = expect.GetProperty(key).ValueKind == JsonValueKind.True;
            findings.Expect(where, right.ToString(), granted, result.Rights.HasFlag(right));
        }
    }

    private static void CheckPath(
        Findings findings,
        string where,
        JsonElement expect,
        int expectedReads,
        int level,
        List<ulong> reads,
        WalkResult result)
    {
        ulong[] expected =
            [.. expect.GetProperty("trace").EnumerateArray().Take(expectedReads).Select(step => step.GetProperty("pte").Hex())];
        findings.ExpectSet(where, "path", expected.Select(Numbered), reads.Select(Numbered));
        findings.Expect(where, "level", (ulong)level, result.Level);
        findings.Expect(where, "entry", expected[^1], result.Entry);
    }

    private static string Numbered(ulong entry, int index) => $"{index}: 0x{entry:x}";

    /// <summary>
    /// EPT judges rights once, at a well-formed leaf: an access differs from none only where the path is mapped and does
    /// not grant it. The oracle's walks have no right of their own for user-mode fetches.
    /// </summary>
    private static Stop? ExpectMalformedFirst(JsonElement expect, Access access) =>
        access == Access.None
        || expect.GetProperty("result").GetString() != "ok"
        || expect.GetProperty(KeyOf(access)).GetBoolean()
            ? null
            : new(expect.GetProperty("level").GetInt32(), expect.GetProperty("trace").GetArrayLength());

    /// <summary>
    /// VT-d judges each present entry's right before its reserved bits, so that the first entry on the oracle's path which
    /// lacks the bit ends the walk. The oracle's walks honour no execute requests: nothing grants them.
    /// </summary>
    private static Stop? ExpectPermissionFirst(JsonElement expect, Access access)
    {
        if (access == Access.None)
        {
            return null;
        }

        ulong needed = access switch
        {
            Access.Read => 1,
            Access.Write => 2,
            _ => 0,
        };
        int reads = 0;
        foreach (JsonElement step in expect.GetProperty("trace").EnumerateArray())
        {
            ulong entry = step.GetProperty("pte").Hex();
            reads++;
            if ((entry & 3) == 0)
            {
                return null;
            }

            if ((entry & needed) == 0)
            {
                return new(step.GetProperty("level").GetInt32(), reads);
            }
        }

        return null;
    }

    private static string KeyOf(Access access) => access switch
    {
        Access.Read => "r",
        Access.Write => "w",
        _ => "x",
    };

    private static readonly (Rights Right, string Key)[] RightKeys =
        [(Rights.Read, "r"), (Rights.Write, "w"), (Rights.Execute, "x"), (Rights.UserExecute, "x")];

    /// <summary>Where a refused access ends, and after how many entries.</summary>
    private sealed record Stop(int Level, int Reads);
}
