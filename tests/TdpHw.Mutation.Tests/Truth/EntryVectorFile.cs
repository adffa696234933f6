using System.Text.Json;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>A file of an oracle's entries, and how its words are read.</summary>
/// <param name="Name">The file.</param>
/// <param name="Capabilities">Its capabilities in the definitions' names.</param>
/// <param name="LevelOf">Its levels counted from 1.</param>
/// <param name="Fields">Fields by symbol, from what is expected of an entry.</param>
/// <param name="Unnamed">The symbols of fields that it does not speak of: they follow from what else it says.</param>
internal sealed record EntryVectorFile(
    string Name,
    Func<JsonElement, IReadOnlyDictionary<string, int>> Capabilities,
    Func<int, int> LevelOf,
    EntryVectorFile.FieldReader[] Fields,
    string[] Unnamed)
{
    /// <summary>Reads fields from what is expected of an entry.</summary>
    public delegate IEnumerable<(string Symbol, ulong? Value)> FieldReader(
        JsonElement expect, bool leaf, IReadOnlyDictionary<string, int> capabilities);

    /// <summary>Whether table entries have no rights of their own.</summary>
    public bool OnlyLeavesHaveRights { get; init; }

    /// <summary>Whether it names every combination that an entry is refused for, not the first alone.</summary>
    public bool TellsAllFaults { get; init; } = true;

    /// <summary>Processors' paging, and what is laid out alike.</summary>
    public static EntryVectorFile X64(string name, string executeDisable, params string[] unnamed) => new(
        name,
        caps => Translated(caps, capability => capability switch
        {
            "physbits" => "maxphyaddr",
            "gbpages" => "page_1g",
            "nx" => "no_execute",
            "cbit" => "c_bit",
            _ => "walk_5",
        }),
        level => level,
        [
            Same(("RW", "w"), ("US", "user"), ("A", "accessed"), ("D", "dirty"), ("G", "global")),
            (expect, _, _) => expect.GetProperty("pkey").ValueKind == JsonValueKind.Null && unnamed.Contains("-PK")
                ? []
                : [("PK", expect.GetProperty("pkey").NumberOrNull())],
            (expect, _, _) => expect.TryGetProperty("encrypted", out JsonElement bit) ? [("C", bit.NumberOrNull())] : [],
            (expect, leaf, _) => MemoryTypeIndex(expect, leaf),
            (expect, _, on) => on["no_execute"] != 0 && expect.GetProperty("present").GetBoolean()
                ? [(executeDisable, 1 - expect.GetProperty("x").NumberOrNull())]
                : [],
        ],
        [.. unnamed.Where(u => u != "-PK")]);

    /// <summary>AMD-Vi host tables; the oracle gives all entries a next level.</summary>
    public static EntryVectorFile AmdV1 => new(
        "decode_amdv1",
        caps => Translated(caps, _ => ""),
        level => level,
        [
            Same(("IR", "r"), ("IW", "w"), ("A", "accessed"), ("D", "dirty"), ("FC", "fc"), ("U", "u")),
            (expect, _, _) => expect.GetProperty("present").GetBoolean() ? [("NL", expect.GetProperty("next_level").NumberOrNull())] : [],
        ],
        ["ADDR", "PR"]);

    /// <summary>ARMv8 stage 2; levels count from the root down, and one fault is told at a time.</summary>
    public static EntryVectorFile ArmV8Stage2 => new(
        "decode_armv8s2",
        caps => Translated(caps, capability => capability switch { "ps_bits" => "output_size", "levels" => "", _ => capability }),
        level => 4 - level,
        [
            Same(("S2APR", "r"), ("S2APW", "w"), ("MEMATTR", "memattr"), ("SH", "sh"), ("AF", "af"), ("CONT", "contig"), ("DBM", "dbm")),
            (expect, leaf, on) =>
            [
                ("XN", on["xnx"] == 0 ? expect.GetProperty("xn").NumberOrNull() : null),
                ("XNX", on["xnx"] != 0 ? expect.GetProperty("xn").NumberOrNull() : null),
            ],
        ],
        ["OA", "OAH", "V", "T", "NT"])
    {
        OnlyLeavesHaveRights = true,
        TellsAllFaults = false,
    };

    /// <summary>The RISC-V guest stage, whose entries are alike in all modes; levels count from 0.</summary>
    public static EntryVectorFile RiscVGuestStage => new(
        "decode_riscv_g",
        caps => caps.EnumerateObject().Where(c => c.Name.StartsWith("sv", StringComparison.Ordinal)).ToDictionary(c => c.Name, c => c.Value.GetInt32()),
        level => level + 1,
        [
            (expect, leaf, _) => leaf
                ? [("R", expect.GetProperty("r").NumberOrNull()), ("W", expect.GetProperty("w").NumberOrNull()), ("X", expect.GetProperty("x").NumberOrNull())]
                : [],
            Same(("A", "accessed"), ("D", "dirty")),
            (expect, leaf, _) => leaf ? [("PBMT", expect.GetProperty("pbmt").NumberOrNull())] : [],
        ],
        ["PPN", "V", "U", "G", "N", "AUD"])
    {
        OnlyLeavesHaveRights = true,
    };

    /// <summary>Fields that the file has under another name.</summary>
    public static FieldReader Same(params (string Symbol, string Key)[] names) => (expect, _, _) =>
        names.Select(n => (n.Symbol, expect.GetProperty(n.Key).NumberOrNull()));

    /// <summary>Capabilities under other names; of the levels only whether there are five.</summary>
    public static Dictionary<string, int> Translated(JsonElement caps, Func<string, string> ourName)
    {
        var ours = new Dictionary<string, int>();
        foreach (JsonProperty cap in caps.EnumerateObject())
        {
            string name = ourName(cap.Name);
            if (name.Length != 0)
            {
                ours[name] = cap.Name == "levels" ? cap.Value.GetInt32() == 5 ? 1 : 0 : cap.Value.GetInt32();
            }
        }

        return ours;
    }

    private static IEnumerable<(string Symbol, ulong? Value)> MemoryTypeIndex(JsonElement expect, bool leaf)
    {
        if (!leaf)
        {
            return [("PAT", null), ("LPAT", null)];
        }

        ulong index = expect.GetProperty("pat_index").GetUInt64();
        ulong? high = index >> 2;
        bool isLarge = expect.GetProperty("page_size").GetUInt64() != 0x1000;
        return [("PWT", index & 1), ("PCD", (index >> 1) & 1), ("PAT", isLarge ? null : high), ("LPAT", isLarge ? high : null)];
    }
}
