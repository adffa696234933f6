using System.Text.Json;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

public sealed class DecodeVectorTests
{
    private const string ReservedBits = "reserved-bits";

    public static TheoryData<string> SubjectNames => Subjects.Names;

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_ept_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_ept", "ept", subject, OracleCapabilities.Ept, CheckEpt);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_vtd_second_stage_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_vtdss", "vtd-ss", subject, OracleCapabilities.VtdSecondStage, CheckVtdSecondStage);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_x86_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_x86", "x86-64", subject, OracleCapabilities.X64, CheckX64);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_nested_paging_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_npt", "npt", subject, OracleCapabilities.X64, CheckX64);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_vtd_first_stage_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_vtdfs", "vtd-fs", subject, OracleCapabilities.X64, CheckX64);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_AMD_IOMMU_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_amdv1", "amdv1", subject, _ => new Dictionary<string, ulong>(), CheckAmdV1);

    private static void Check(
        string file,
        string formatId,
        string subject,
        Func<JsonElement, IReadOnlyDictionary<string, ulong>> translate,
        Action<Findings, string, JsonElement, EntryReading> checkFormat)
    {
        JsonElement oracle = OracleFile.Read(file);
        IDecoderUnderTest decoder = Subjects.Named(subject);
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement vector in oracle.GetProperty("vectors").EnumerateArray())
        {
            IRulesUnderTest rules = decoder.Resolve(formatId, translate(vector.GetProperty("caps")));
            EntryReading entry = rules.Decode(vector.GetProperty("level").GetInt32(), vector.GetProperty("raw").Hex());
            string id = vector.GetProperty("id").GetString()!;
            JsonElement expect = vector.GetProperty("expect");
            checkFormat(findings, id, expect, entry);
            count++;
        }

        findings.AssertNone(oracle.GetProperty("count").GetInt32(), count);
    }

    /// <summary>What every oracle says of an entry.</summary>
    private static void CheckShape(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        findings.Expect(id, "present", expect.GetProperty("present").GetBoolean(), entry.Present);
        findings.Expect(id, "leaf", expect.GetProperty("leaf").GetBoolean(), entry.Leaf);
        findings.Expect(id, "output address", expect.GetProperty("output_address").HexOrNull(), entry.OutputAddress);
        findings.Expect(id, "page size", expect.GetProperty("page_size").NumberOrNull(), entry.PageSize);
        findings.Expect(id, "reserved bits", expect.GetProperty("reserved_bits").Hex(), entry.ReservedBits);
    }

    private static void CheckCommon(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckShape(findings, id, expect, entry);
        findings.Expect(id, "R", expect.GetProperty("r").BitOrNull(), entry["R"]);
        findings.Expect(id, "W", expect.GetProperty("w").BitOrNull(), entry["W"]);
        findings.Expect(id, "X", expect.GetProperty("x").BitOrNull(), entry["X"]);
        findings.Expect(id, "IPAT", expect.GetProperty("ipat").BitOrNull(), entry["IPAT"]);
        findings.Expect(id, "A", expect.GetProperty("accessed").BitOrNull(), entry["A"]);
        findings.Expect(id, "D", expect.GetProperty("dirty").BitOrNull(), entry["D"]);
        findings.Expect(id, "EMT", expect.GetProperty("memtype").NumberOrNull(), entry["EMT"]);
        findings.Expect(id, "memory type", expect.GetProperty("memtype").NumberOrNull(), (ulong?)entry.MemoryType);
        findings.Expect(id, "accessed", expect.GetProperty("accessed").BitOrNull(), AsBit(entry.Accessed));
        findings.Expect(id, "dirty", expect.GetProperty("dirty").BitOrNull(), AsBit(entry.Dirty));

        // A bit that the oracle gives no value grants nothing: it is not present, or the hardware does not look at it.
        CheckRight(findings, id, Rights.Read, expect.GetProperty("r"), entry);
        CheckRight(findings, id, Rights.Write, expect.GetProperty("w"), entry);
        CheckRight(findings, id, Rights.Execute, expect.GetProperty("x"), entry);
    }

    private static void CheckEpt(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckCommon(findings, id, expect, entry);
        JsonElement userExecute = expect.GetProperty("xu");
        findings.Expect(id, "XU", userExecute.BitOrNull(), entry["XU"]);
        bool modeBased = userExecute.ValueKind != JsonValueKind.Null;
        CheckRight(findings, id, Rights.UserExecute, modeBased ? userExecute : expect.GetProperty("x"), entry);

        // The oracle says false where there is no such bit.
        findings.Expect(id, "SVE", expect.GetProperty("suppress_ve").BitOrNull(), entry["SVE"] ?? 0);

        IReadOnlyList<string> misconfigured = expect.GetProperty("misconfig").Words();
        findings.ExpectSet(id, "illegal", misconfigured.Where(reason => reason != ReservedBits), entry.Illegal);
        findings.Expect(id, "kind", KindOf(expect, misconfigured.Contains(ReservedBits), misconfigured.Count != 0), entry.Kind);
    }

    private static void CheckX64(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckShape(findings, id, expect, entry);
        CheckRight(findings, id, Rights.Read, expect.GetProperty("r"), entry);
        CheckRight(findings, id, Rights.Write, expect.GetProperty("w"), entry);
        CheckRight(findings, id, Rights.Execute, expect.GetProperty("x"), entry);
        CheckRight(findings, id, Rights.User, expect.GetProperty("user"), entry);
        findings.Expect(id, "RW", expect.GetProperty("w").BitOrNull(), entry["RW"]);
        findings.Expect(id, "US", expect.GetProperty("user").BitOrNull(), entry["US"]);
        findings.Expect(id, "G", expect.GetProperty("global").BitOrNull(), entry["G"]);
        findings.Expect(id, "PK", expect.GetProperty("pkey").NumberOrNull(), entry["PK"]);
        findings.Expect(id, "accessed", expect.GetProperty("accessed").BitOrNull(), AsBit(entry.Accessed));
        findings.Expect(id, "dirty", expect.GetProperty("dirty").BitOrNull(), AsBit(entry.Dirty));
        ulong? pat = entry.PageSize > 0x1000 ? entry["LPAT"] : entry["PAT"];
        ulong? index = entry.Leaf ? (pat << 2) | (entry["PCD"] << 1) | entry["PWT"] : null;
        findings.Expect(id, "the memory type's index", expect.GetProperty("pat_index").NumberOrNull(), index);
        findings.Expect(id, "C", expect.TryGetProperty("encrypted", out JsonElement bit) ? bit.BitOrNull() : null, entry["C"]);
        findings.ExpectSet(id, "illegal", [], entry.Illegal);
        bool reserved = expect.GetProperty("fault").ValueKind != JsonValueKind.Null;
        findings.Expect(id, "kind", KindOf(expect, reserved, reserved), entry.Kind);
    }

    private static void CheckAmdV1(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckShape(findings, id, expect, entry);
        CheckRight(findings, id, Rights.Read, expect.GetProperty("r"), entry);
        CheckRight(findings, id, Rights.Write, expect.GetProperty("w"), entry);
        findings.Expect(id, "FC", expect.GetProperty("fc").BitOrNull(), entry["FC"]);
        findings.Expect(id, "U", expect.GetProperty("u").BitOrNull(), entry["U"]);
        findings.Expect(id, "accessed", expect.GetProperty("accessed").BitOrNull(), AsBit(entry.Accessed));
        findings.Expect(id, "dirty", expect.GetProperty("dirty").BitOrNull(), AsBit(entry.Dirty));
        IReadOnlyList<string> faults = expect.GetProperty("fault").Words();
        findings.ExpectSet(id, "illegal", faults.Where(reason => reason != ReservedBits), entry.Illegal);
        findings.Expect(id, "kind", KindOf(expect, faults.Contains(ReservedBits), faults.Count != 0), entry.Kind);
    }

    private static void CheckVtdSecondStage(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckCommon(findings, id, expect, entry);
        findings.Expect(id, "SNP", expect.GetProperty("snp").BitOrNull(), entry["SNP"]);
        findings.ExpectSet(id, "illegal", [], entry.Illegal);
        bool reserved = expect.GetProperty("fault").ValueKind != JsonValueKind.Null;
        findings.Expect(id, "kind", KindOf(expect, reserved, reserved), entry.Kind);
    }

    private static void CheckRight(
        Findings findings, string id, Rights right, JsonElement granted, EntryReading entry) => findings.Expect(
            id, right.ToString(), granted.ValueKind == JsonValueKind.True, entry.Rights.HasFlag(right));

    private static ulong? AsBit(bool? value) => value switch
    {
        null => null,
        true => 1,
        false => 0,
    };

    private static EntryKind KindOf(JsonElement expect, bool reserved, bool malformed)
    {
        if (!expect.GetProperty("present").GetBoolean())
        {
            return EntryKind.NotPresent;
        }

        if (malformed)
        {
            return reserved ? EntryKind.ReservedBitSet : EntryKind.IllegalEncoding;
        }

        return expect.GetProperty("leaf").GetBoolean() ? EntryKind.Leaf : EntryKind.Table;
    }
}
