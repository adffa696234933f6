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

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_RISC_V_guest_stage_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_riscv_g", RiscVMode, subject, OracleCapabilities.RiscVGuestStage, CheckRiscV);

    [Theory]
    [MemberData(nameof(SubjectNames))]
    public void Every_ARMv8_stage_2_vector_decodes_as_the_manual_says(string subject) =>
        Check("decode_armv8s2", _ => "armv8-s2", subject, OracleCapabilities.ArmV8Stage2, CheckArm);

    private static string RiscVMode(JsonElement caps) =>
        "riscv-" + caps.GetProperty("mode").GetString()!.ToLowerInvariant();

    private static void Check(
        string file,
        string formatId,
        string subject,
        Func<JsonElement, IReadOnlyDictionary<string, ulong>> translate,
        Action<Findings, string, JsonElement, EntryReading> checkFormat) =>
        Check(file, _ => formatId, subject, translate, checkFormat);

    private static void Check(
        string file,
        Func<JsonElement, string> formatOf,
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
            JsonElement caps = vector.GetProperty("caps");
            string formatId = formatOf(caps);
            int level = ManualLevels.LevelOf(formatId, vector.GetProperty("level").GetInt32());
            EntryReading entry = decoder.Resolve(formatId, translate(caps)).Decode(level, vector.GetProperty("raw").Hex());
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

    private static void CheckRiscV(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckByKind(findings, id, expect, entry);
        findings.Expect(id, "reserved bits", expect.GetProperty("reserved_bits").Hex(), entry.ReservedBits);
        findings.Expect(id, "bits that should be zero", 0, entry.Res0Bits);
        CheckRightOfLeaf(findings, id, Rights.Read, expect.GetProperty("r"), entry);
        CheckRightOfLeaf(findings, id, Rights.Write, expect.GetProperty("w"), entry);
        CheckRightOfLeaf(findings, id, Rights.Execute, expect.GetProperty("x"), entry);
        findings.Expect(id, "accessed", expect.GetProperty("accessed").BitOrNull(), AsBit(entry.Accessed));
        findings.Expect(id, "dirty", expect.GetProperty("dirty").BitOrNull(), AsBit(entry.Dirty));
        findings.Expect(id, "memory type", expect.GetProperty("pbmt").NumberOrNull(), (ulong?)entry.MemoryType);

        // The oracle tells N where it makes a larger page, and nothing where it does not.
        bool isNapot = expect.GetProperty("napot").ValueKind != JsonValueKind.Null;
        findings.Expect(id, "N makes a larger page", isNapot, entry.Leaf && entry.PageSize == 0x10000 && entry["N"] == 1);
        JsonElement fault = expect.GetProperty("fault");
        IReadOnlyList<string> faults = fault.ValueKind == JsonValueKind.String ? [] : fault.Words();
        findings.ExpectSet(id, "illegal", faults.Where(reason => reason != ReservedBits), entry.Illegal);
        findings.Expect(id, "kind", KindOf(IsPresent(expect), expect, faults.Contains(ReservedBits), faults.Count != 0), entry.Kind);
    }

    private static void CheckArm(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        CheckByKind(findings, id, expect, entry);
        findings.Expect(id, "reserved bits", 0, entry.ReservedBits);
        findings.Expect(id, "bits that should be zero", expect.GetProperty("res0_bits").Hex(), entry.Res0Bits);
        CheckRightOfLeaf(findings, id, Rights.Read, expect.GetProperty("r"), entry);
        CheckRightOfLeaf(findings, id, Rights.Write, expect.GetProperty("w"), entry);
        ulong? never = expect.GetProperty("xn").NumberOrNull();
        findings.Expect(id, "XN", never, entry["XN"] ?? entry["XNX"]);

        // With FEAT_XNX the field says for EL1 and EL0 apart; without it 0 and 1 stand for 0 and 2.
        bool isByLevel = entry["XNX"] is not null;
        findings.Expect(
            id, "fetches at EL1", entry.Leaf && never is 0 or 3, entry.Leaf && entry.Rights.HasFlag(Rights.Execute));
        findings.Expect(
            id,
            "fetches at EL0",
            entry.Leaf && (never == 0 || (isByLevel && never == 1)),
            entry.Leaf && entry.Rights.HasFlag(Rights.UserExecute));
        findings.Expect(id, "MEMATTR", expect.GetProperty("memattr").NumberOrNull(), entry["MEMATTR"]);
        findings.Expect(id, "SH", expect.GetProperty("sh").NumberOrNull(), entry["SH"]);
        findings.Expect(id, "AF", expect.GetProperty("af").BitOrNull(), entry["AF"]);
        findings.Expect(id, "CONT", expect.GetProperty("contig").BitOrNull(), entry["CONT"]);
        findings.Expect(id, "DBM", expect.GetProperty("dbm").BitOrNull(), entry["DBM"]);
        findings.Expect(id, "accessed", expect.GetProperty("af").BitOrNull(), AsBit(entry.Accessed));

        // The oracle names the one fault that the processor reports; the first of ours is that one.
        string? fault = IsPresent(expect) ? expect.GetProperty("fault").GetString()?.Split(" (")[0] : null;
        findings.ExpectSet(id, "the first illegal combination", fault is null ? [] : [fault], entry.Illegal.Take(1));
        findings.Expect(id, "kind", KindOf(IsPresent(expect), expect, false, fault is not null), entry.Kind);
    }

    /// <summary>
    /// Whether a walk goes on at an entry, in the words of RISC-V and ARM: valid says that bit 0 is set, and the kind is invalid
    /// where the walk ends.
    /// </summary>
    private static bool IsPresent(JsonElement expect) => expect.GetProperty("kind").GetString() != "invalid";

    /// <summary>What the oracles of RISC-V and ARM say of every entry.</summary>
    private static void CheckByKind(Findings findings, string id, JsonElement expect, EntryReading entry)
    {
        findings.Expect(id, "present", IsPresent(expect), entry.Present);
        findings.Expect(id, "leaf", expect.GetProperty("leaf").GetBoolean(), entry.Leaf);
        findings.Expect(id, "output address", expect.GetProperty("output_address").HexOrNull(), entry.OutputAddress);
        findings.Expect(id, "page size", expect.GetProperty("page_size").NumberOrNull(), entry.PageSize);
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

    /// <summary>Of a table entry, a format whose leaves alone have rights says nothing.</summary>
    private static void CheckRightOfLeaf(
        Findings findings, string id, Rights right, JsonElement granted, EntryReading entry) => findings.Expect(
            id, right.ToString(), granted.ValueKind == JsonValueKind.True, entry.OwnRights.HasFlag(right));

    private static ulong? AsBit(bool? value) => value switch
    {
        null => null,
        true => 1,
        false => 0,
    };

    private static EntryKind KindOf(JsonElement expect, bool reserved, bool malformed) =>
        KindOf(expect.GetProperty("present").GetBoolean(), expect, reserved, malformed);

    private static EntryKind KindOf(bool present, JsonElement expect, bool reserved, bool malformed)
    {
        if (!present)
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
