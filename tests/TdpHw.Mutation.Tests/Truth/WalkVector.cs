using System.Text.Json;
using TdpHw.Formats;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>
/// A walk of the oracle and how it ends for a format when no access is asked for, read once. The trace has the entries on
/// the path, from the root on, with their levels.
/// </summary>
internal sealed record WalkVector(
    string Id,
    IReadOnlyDictionary<string, int> Capabilities,
    IReadOnlyDictionary<ulong, ulong> Image,
    ulong Root,
    int Levels,
    ulong Address,
    WalkOutcome Outcome,
    int Level,
    (int Level, ulong Entry)[] Trace,
    ulong Output,
    ulong PageSize,
    Rights Rights)
{
    public static WalkVector[] ReadAll(string answer, string caps)
    {
        JsonElement oracle = Json.Oracle("walks");
        var images = oracle.GetProperty("images").EnumerateObject().ToDictionary(
            image => image.Name,
            image => image.Value.EnumerateObject().ToDictionary(entry => Json.Hex(entry.Name), entry => entry.Value.Hex()));
        return
        [
            .. oracle.GetProperty("walks").EnumerateArray().Select(walk => Read(
                walk, walk.GetProperty(answer), walk.GetProperty(caps).Capabilities(), images[walk.GetProperty("image").ToString()])),
        ];
    }

    private static WalkVector Read(
        JsonElement walk, JsonElement expect, IReadOnlyDictionary<string, int> capabilities, IReadOnlyDictionary<ulong, ulong> image)
    {
        WalkOutcome outcome = expect.GetProperty("result").GetString() switch
        {
            "ok" => WalkOutcome.Mapped,
            "not-present" => WalkOutcome.NotPresent,
            "reserved-fault" => WalkOutcome.ReservedBitSet,
            "misconfig" => expect.GetProperty("why").Words().Contains("reserved-bits")
                ? WalkOutcome.ReservedBitSet
                : WalkOutcome.IllegalEncoding,
            string word => throw new InvalidDataException($"'{word}' is no result of a walk."),
            null => throw new InvalidDataException("A walk has no result."),
        };
        bool mapped = outcome == WalkOutcome.Mapped;
        return new WalkVector(
            walk.GetProperty("id").GetString()!,
            capabilities,
            image,
            walk.GetProperty("root").Hex(),
            walk.GetProperty("levels").GetInt32(),
            walk.GetProperty("gpa").Hex(),
            outcome,
            expect.GetProperty(mapped ? "level" : "stop_level").GetInt32(),
            [.. expect.GetProperty("trace").EnumerateArray().Select(s => (s.GetProperty("level").GetInt32(), s.GetProperty("pte").Hex()))],
            mapped ? expect.GetProperty("pa").Hex() : 0,
            mapped ? expect.GetProperty("page_size").GetUInt64() : 0,
            mapped ? Right("r", Rights.Read) | Right("w", Rights.Write) | Right("x", Rights.Execute | Rights.UserExecute) : Rights.None);

        Rights Right(string key, Rights right) => expect.GetProperty(key).ValueKind == JsonValueKind.True ? right : Rights.None;
    }
}
