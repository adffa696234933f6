using System.Text.Json;
using TdpHw.Formats;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>An entry of the oracle and what it says of it, read once.</summary>
internal sealed record DecodeVector(
    string Id,
    IReadOnlyDictionary<string, int> Capabilities,
    int Level,
    ulong Raw,
    EntryKind Kind,
    bool Present,
    bool Leaf,
    Rights Rights,
    (string Symbol, ulong? Value)[] Fields,
    ulong? MemoryType,
    ulong? Accessed,
    ulong? Dirty,
    ulong? Output,
    ulong? PageSize,
    ulong ReservedBits,
    string[] Illegal)
{
    private const string Reserved = "reserved-bits";

    public static DecodeVector[] ReadAll(string file)
    {
        // Vectors with the same capabilities share a dictionary, and so the rules that are resolved for it.
        var shared = new Dictionary<string, IReadOnlyDictionary<string, int>>();
        return
        [
            .. Json.Oracle(file).GetProperty("vectors").EnumerateArray().Select(v =>
            {
                string caps = v.GetProperty("caps").GetRawText();
                if (!shared.TryGetValue(caps, out IReadOnlyDictionary<string, int>? ours))
                {
                    shared.Add(caps, ours = v.GetProperty("caps").Capabilities());
                }

                return Read(v, ours);
            }),
        ];
    }

    private static DecodeVector Read(JsonElement vector, IReadOnlyDictionary<string, int> capabilities)
    {
        JsonElement expect = vector.GetProperty("expect");
        bool isEpt = expect.TryGetProperty("misconfig", out JsonElement misconfigured);
        string[] reasons = isEpt ? misconfigured.Words() : [];
        bool reserved = isEpt ? reasons.Contains(Reserved) : expect.GetProperty("fault").ValueKind != JsonValueKind.Null;
        bool present = expect.GetProperty("present").GetBoolean();
        bool leaf = expect.GetProperty("leaf").GetBoolean();
        var fields = new List<(string Symbol, ulong? Value)>
        {
            ("R", Number("r")), ("W", Number("w")), ("X", Number("x")), ("EMT", Number("memtype")), ("IPAT", Number("ipat")),
            ("A", Number("accessed")), ("D", Number("dirty")),
        };
        ulong? userExecute = Number("x");
        if (isEpt)
        {
            fields.Add(("XU", Number("xu")));

            // The oracle says false where there is no such bit.
            fields.Add(("SVE", Number("suppress_ve")));
            userExecute = Number("xu") ?? userExecute;
        }
        else
        {
            fields.Add(("SNP", Number("snp")));
        }

        return new DecodeVector(
            vector.GetProperty("id").GetString()!,
            capabilities,
            vector.GetProperty("level").GetInt32(),
            vector.GetProperty("raw").Hex(),
            !present ? EntryKind.NotPresent
                : reserved ? EntryKind.ReservedBitSet
                : reasons.Length > 0 ? EntryKind.IllegalEncoding
                : leaf ? EntryKind.Leaf
                : EntryKind.Table,
            present,
            leaf,
            Right("r", Rights.Read) | Right("w", Rights.Write) | Right("x", Rights.Execute)
                | (userExecute == 1 ? Rights.UserExecute : Rights.None),
            [.. fields],
            Number("memtype"),
            Number("accessed"),
            Number("dirty"),
            expect.GetProperty("output_address").HexOrNull(),
            Number("page_size"),
            expect.GetProperty("reserved_bits").Hex(),
            [.. reasons.Where(r => r != Reserved).Order(StringComparer.Ordinal)]);

        ulong? Number(string key) => expect.GetProperty(key).NumberOrNull();

        // A bit that the oracle gives no value grants nothing: it is not present, or the hardware does not look at it.
        Rights Right(string key, Rights right) => Number(key) == 1 ? right : Rights.None;
    }
}
