using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

/// <summary>Asks the program what an independent model of the manuals was asked.</summary>
public sealed class OracleQuestionTests
{
    private const string ReservedBits = "reserved-bits";
    private static readonly string[] MemoryTypes = ["UC", "WC", "2", "3", "WT", "WP", "WB", "7"];

    [Theory]
    [InlineData("decode_ept", "ept")]
    [InlineData("decode_vtdss", "vtd-ss")]
    [InlineData("decode_x86", "x86-64")]
    [InlineData("decode_npt", "npt")]
    [InlineData("decode_vtdfs", "vtd-fs")]
    [InlineData("decode_amdv1", "amdv1")]
    public async Task Every_vector_is_answered_as_the_manual_says(string file, string format)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "oracle", file + ".json");
        using JsonDocument oracle = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
        JsonElement[] vectors = [.. oracle.RootElement.GetProperty("vectors").EnumerateArray()];
        var questions = new StringBuilder();
        foreach (JsonElement vector in vectors)
        {
            questions.Append(Question(vector, format)).Append('\n');
        }

        CliRun run = await CliRun.WithInputAsync(questions.ToString(), "explain", "--stdin", "-o", "jsonl");

        Assert.Equal(oracle.RootElement.GetProperty("count").GetInt32(), run.Lines.Length);
        foreach ((JsonElement vector, string line) in vectors.Zip(run.Lines))
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            Assert.Equal(
                $"{vector.GetProperty("id")}: {Expected(vector.GetProperty("expect"))}",
                $"{vector.GetProperty("id")}: {Given(answer.RootElement)}");
        }
    }

    private static string Question(JsonElement vector, string format)
    {
        JsonElement caps = vector.GetProperty("caps");
        var ours = new JsonObject();
        foreach (JsonProperty cap in caps.EnumerateObject())
        {
            int value = cap.Value.ValueKind == JsonValueKind.Number ? cap.Value.GetInt32() : 0;
            switch (cap.Name)
            {
                case "levels" or "mode":
                    break;
                case "sllps":
                    ours["page_2m"] = value & 1;
                    ours["page_1g"] = value >> 1;
                    break;
                default:
                    ours[OurName(cap.Name)] = value;
                    break;
            }
        }

        return new JsonObject
        {
            ["format"] = format,
            ["level"] = vector.GetProperty("level").GetInt32(),
            ["levels"] = caps.GetProperty("levels").GetInt32(),
            ["raw"] = vector.GetProperty("raw").GetString(),
            ["caps"] = ours,
        }.ToJsonString();
    }

    private static string OurName(string name) => name switch
    {
        "execonly" => "exec_only",
        "huge_2m" => "page_2m",
        "huge_1g" => "page_1g",
        "ad" or "ssade" => "accessed_dirty",
        "mbec" => "mode_based_execute",
        "sc" => "snoop_control",
        "ers" => "execute_requests",
        "mts" => "memory_type",
        "physbits" => "maxphyaddr",
        "gbpages" => "page_1g",
        "nx" => "no_execute",
        "cbit" => "c_bit",
        _ => name,
    };

    private static string Expected(JsonElement expect)
    {
        string[] refused = Refused(expect);
        bool isPresent = expect.GetProperty("present").GetBoolean();
        bool isLeaf = expect.GetProperty("leaf").GetBoolean();
        string verdict = !isPresent ? "not-present"
            : refused.Contains(ReservedBits) ? "reserved"
            : refused.Length != 0 ? "illegal"
            : isLeaf ? "mapped" : "table";
        bool hasType = expect.TryGetProperty("memtype", out JsonElement memoryType) && memoryType.ValueKind != JsonValueKind.Null;
        return Sentence(
            isPresent,
            isLeaf,
            verdict,
            Right(expect, "r", 'R') + Right(expect, "w", 'W') + Right(expect, "x", 'X'),
            hasType ? MemoryTypes[memoryType.GetInt32()] : null,
            Hex(expect.GetProperty("reserved_bits").GetString()),
            Hex(expect.GetProperty("output_address").GetString()),
            expect.GetProperty("page_size") is { ValueKind: JsonValueKind.Number } size ? $"0x{size.GetUInt64():x}" : null,
            [.. refused.Where(r => r != ReservedBits).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Why an entry is refused: a list of reasons, or one word where only reserved bits are a reason.</summary>
    private static string[] Refused(JsonElement expect)
    {
        JsonElement reasons = expect.TryGetProperty("misconfig", out JsonElement misconfig) ? misconfig : expect.GetProperty("fault");
        return reasons.ValueKind == JsonValueKind.String ? [ReservedBits] : Words(reasons);
    }

    private static string Given(JsonElement answer) => Sentence(
        answer.GetProperty("present").GetBoolean(),
        answer.GetProperty("leaf").GetBoolean(),
        answer.GetProperty("verdict").GetString(),
        answer.GetProperty("rights").GetString()!,
        answer.GetProperty("memory_type").GetString(),
        answer.GetProperty("reserved_bits").GetString(),
        answer.GetProperty("output_address").GetString(),
        answer.GetProperty("page_size").GetString(),
        [.. Words(answer.GetProperty("illegal")).Order(StringComparer.Ordinal)]);

    private static string Sentence(
        bool isPresent,
        bool isLeaf,
        string? verdict,
        string rights,
        string? memoryType,
        string? reserved,
        string? output,
        string? size,
        string[] illegal) =>
        $"present {isPresent}, leaf {isLeaf}, {verdict}, {rights}, type {memoryType ?? "-"}, reserved {reserved}, " +
        $"output {output ?? "-"}, size {size ?? "-"}, illegal [{string.Join(' ', illegal)}]";

    private static string Right(JsonElement expect, string name, char letter) =>
        expect.TryGetProperty(name, out JsonElement right) && right.ValueKind == JsonValueKind.True ? letter.ToString() : "-";

    private static string[] Words(JsonElement list) =>
        list.ValueKind == JsonValueKind.Null ? [] : [.. list.EnumerateArray().Select(w => w.GetString()!)];

    // The oracle pads its numbers.
    private static string? Hex(string? padded) => padded is null ? null
        : padded.AsSpan(2).TrimStart('0') is { Length: > 0 } digits ? $"0x{digits}" : "0x0";
}
