using System.Text.Json;
using TdpHw.Formats;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>An entry of an oracle and what it says of it, in this repository's words, read once.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Capabilities">The machine.</param>
/// <param name="Level">The level, counted from 1.</param>
/// <param name="Raw">The entry.</param>
/// <param name="Leaf">Whether it has the layout of a leaf.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Known">The rights that the oracle speaks of.</param>
/// <param name="Rights">Those of them that the entry grants.</param>
/// <param name="Fields">Fields by symbol; null where the entry has none of that name.</param>
/// <param name="Output">The page or next table; null where the entry is not present.</param>
/// <param name="PageSize">How large a leaf is; null for all else.</param>
/// <param name="ReservedBits">The reserved bits that are set; null where the oracle does not tell.</param>
/// <param name="Res0Bits">The set bits that should be zero; null where the oracle does not tell.</param>
/// <param name="Illegal">The refused combinations; null where the entry is not present.</param>
/// <param name="IsFirstOfIllegal">Whether these are the first alone.</param>
internal sealed record EntryVector(
    string Id,
    IReadOnlyDictionary<string, int> Capabilities,
    int Level,
    ulong Raw,
    bool Leaf,
    EntryKind Kind,
    Rights Known,
    Rights Rights,
    (string Symbol, ulong? Value)[] Fields,
    ulong? Output,
    ulong? PageSize,
    ulong? ReservedBits,
    ulong? Res0Bits,
    string[]? Illegal,
    bool IsFirstOfIllegal)
{
    private static readonly string[] Reserved = ["reserved", "reserved-bits"];
    private static readonly string[] NotPresent = ["page-fault", "translation"];

    private static readonly (string Key, Rights Right)[] RightKeys =
        [("r", Rights.Read), ("w", Rights.Write), ("x", Rights.Execute), ("user", Rights.User)];

    /// <summary>Reads a file.</summary>
    public static EntryVector[] ReadAll(EntryVectorFile file)
    {
        // Vectors with the same capabilities share a dictionary, and so the rules that are resolved for it.
        var shared = new Dictionary<string, IReadOnlyDictionary<string, int>>();
        return
        [
            .. Json.Oracle(file.Name).GetProperty("vectors").EnumerateArray().Select(v =>
            {
                string caps = v.GetProperty("caps").GetRawText();
                if (!shared.TryGetValue(caps, out IReadOnlyDictionary<string, int>? ours))
                {
                    shared.Add(caps, ours = file.Capabilities(v.GetProperty("caps")));
                }

                return Read(file, v, ours);
            }),
        ];
    }

    private static EntryVector Read(EntryVectorFile file, JsonElement vector, IReadOnlyDictionary<string, int> capabilities)
    {
        JsonElement expect = vector.GetProperty("expect");
        JsonElement fault = expect.GetProperty("fault");
        string[] reasons =
        [
            .. (fault.ValueKind == JsonValueKind.String ? [fault.GetString()!] : fault.Words())
                .Select(reason => reason.Split(" (")[0]),
        ];
        bool valid = expect.TryGetProperty("present", out JsonElement present) ? present.GetBoolean()
            : expect.GetProperty("kind").GetString() != "invalid";
        bool leaf = expect.GetProperty("leaf").GetBoolean();
        string[] illegal = [.. reasons.Except(Reserved).Except(NotPresent).Order(StringComparer.Ordinal)];
        (string Key, Rights Right)[] rights = [.. RightKeys.Where(r => expect.TryGetProperty(r.Key, out _) && (leaf || !file.OnlyLeavesHaveRights))];
        return new EntryVector(
            vector.GetProperty("id").GetString()!,
            capabilities,
            file.LevelOf(vector.GetProperty("level").GetInt32()),
            vector.GetProperty("raw").Hex(),
            leaf,
            !valid ? EntryKind.NotPresent
                : reasons.Intersect(Reserved).Any() ? EntryKind.ReservedBitSet
                : illegal.Length > 0 ? EntryKind.IllegalEncoding
                : leaf ? EntryKind.Leaf
                : EntryKind.Table,
            rights.Aggregate(Rights.None, (all, r) => all | r.Right),
            rights.Where(r => expect.GetProperty(r.Key).NumberOrNull() == 1).Aggregate(Rights.None, (all, r) => all | r.Right),
            [.. file.Fields.SelectMany(f => f(expect, leaf, capabilities))],
            expect.GetProperty("output_address").HexOrNull(),
            expect.GetProperty("page_size").NumberOrNull(),
            expect.TryGetProperty("reserved_bits", out JsonElement reserved) ? reserved.Hex() : null,
            expect.TryGetProperty("res0_bits", out JsonElement res0) ? res0.Hex() : null,
            valid ? illegal : null,
            !file.TellsAllFaults);
    }
}
