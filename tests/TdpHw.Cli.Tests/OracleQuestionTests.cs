using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TdpHw.Cli.Tests.Running;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Cli.Tests;

/// <summary>Asks the program what an independent model of the manuals was asked.</summary>
public sealed class OracleQuestionTests
{
    private const string ReservedBits = "reserved-bits";
    private static readonly string[] MemoryTypes = ["UC", "WC", "2", "3", "WT", "WP", "WB", "7"];
    private static readonly string[] PageBasedMemoryTypes = ["PMA", "NC", "IO", "3"];

    [Theory]
    [InlineData("decode_ept", "ept")]
    [InlineData("decode_vtdss", "vtd-ss")]
    [InlineData("decode_x86", "x86-64")]
    [InlineData("decode_npt", "npt")]
    [InlineData("decode_vtdfs", "vtd-fs")]
    [InlineData("decode_amdv1", "amdv1")]
    [InlineData("decode_riscv_g", null)]
    [InlineData("decode_armv8s2", "armv8-s2")]
    public async Task Every_vector_is_answered_as_the_manual_says(string file, string? format)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "oracle", file + ".json");
        using JsonDocument oracle = JsonDocument.Parse(await File.ReadAllBytesAsync(path));
        JsonElement[] vectors = [.. oracle.RootElement.GetProperty("vectors").EnumerateArray()];
        var questions = new StringBuilder();
        foreach (JsonElement vector in vectors)
        {
            questions.Append(Question(vector, format ?? Mode(vector))).Append('\n');
        }

        CliRun run = await CliRun.WithInputAsync(questions.ToString(), "explain", "--stdin", "-o", "jsonl");

        Assert.Equal(oracle.RootElement.GetProperty("count").GetInt32(), run.Lines.Length);
        foreach ((JsonElement vector, string line) in vectors.Zip(run.Lines))
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            Assert.Equal(
                $"{vector.GetProperty("id")}: {Expected(vector.GetProperty("expect"))}",
                $"{vector.GetProperty("id")}: {Given(answer.RootElement, IsOneFaultTold(vector.GetProperty("expect")))}");
        }
    }

    // The modes of RISC-V differ in depth, and each is a format.
    private static string Mode(JsonElement vector) =>
        "riscv-" + vector.GetProperty("caps").GetProperty("mode").GetString()!.ToLowerInvariant();

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
            ["level"] = ManualLevels.LevelOf(format, vector.GetProperty("level").GetInt32()),
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
        "ps_bits" => "output_size",
        _ => name,
    };

    private static string Expected(JsonElement expect)
    {
        string[] refused = Refused(expect);
        bool isPresent = expect.TryGetProperty("present", out JsonElement present) ? present.GetBoolean()
            : expect.GetProperty("kind").GetString() != "invalid";
        bool isLeaf = expect.GetProperty("leaf").GetBoolean();
        string verdict = !isPresent ? "not-present"
            : refused.Contains(ReservedBits) ? "reserved"
            : refused.Length != 0 ? "illegal"
            : isLeaf ? "mapped" : "table";
        return Sentence(
            isPresent,
            isLeaf,
            verdict,
            Right(expect, "r", 'R') + Right(expect, "w", 'W') + (MayExecute(expect) ? "X" : "-"),
            MemoryType(expect),
            Bits(expect, "reserved_bits"),
            Bits(expect, "res0_bits"),
            Hex(expect.GetProperty("output_address").GetString()),
            expect.GetProperty("page_size") is { ValueKind: JsonValueKind.Number } size ? $"0x{size.GetUInt64():x}" : null,
            [.. refused.Where(r => r != ReservedBits).Order(StringComparer.Ordinal)]);
    }

    /// <summary>
    /// Why an entry is refused: a list of reasons, or the one that the hardware reports; one word for any reserved bit, and
    /// none for an entry that is not present.
    /// </summary>
    private static string[] Refused(JsonElement expect)
    {
        JsonElement reasons = expect.TryGetProperty("misconfig", out JsonElement misconfig) ? misconfig : expect.GetProperty("fault");
        return reasons.ValueKind != JsonValueKind.String ? Words(reasons) : reasons.GetString()!.Split(" (")[0] switch
        {
            "page-fault" or "translation" => [],
            "reserved" => [ReservedBits],
            string only => [only],
        };
    }

    // XN says who may not: 0 nobody, 3 EL0 alone.
    private static bool MayExecute(JsonElement expect) => expect.TryGetProperty("xn", out JsonElement never)
        ? never.ValueKind != JsonValueKind.Null && never.GetInt32() is 0 or 3
        : Right(expect, "x", 'X') != "-";

    private static string? MemoryType(JsonElement expect) =>
        Number(expect, "memtype") is int memoryType ? MemoryTypes[memoryType]
        : Number(expect, "pbmt") is int pageBased ? PageBasedMemoryTypes[pageBased]
        : null;

    // The program lists all that an entry is refused for, what the hardware reports first.
    private static bool IsOneFaultTold(JsonElement expect) =>
        expect.TryGetProperty("fault", out JsonElement fault) && fault.ValueKind == JsonValueKind.String;

    private static string Given(JsonElement answer, bool isOneFaultTold) => Sentence(
        answer.GetProperty("present").GetBoolean(),
        answer.GetProperty("leaf").GetBoolean(),
        answer.GetProperty("verdict").GetString(),
        answer.GetProperty("rights").GetString()!,
        answer.GetProperty("memory_type").GetString(),
        answer.GetProperty("reserved_bits").GetString(),
        answer.GetProperty("res0_bits").GetString(),
        answer.GetProperty("output_address").GetString(),
        answer.GetProperty("page_size").GetString(),
        [.. Words(answer.GetProperty("illegal")).Take(isOneFaultTold ? 1 : int.MaxValue).Order(StringComparer.Ordinal)]);

    private static string Sentence(
        bool isPresent,
        bool isLeaf,
        string? verdict,
        string rights,
        string? memoryType,
        string? reserved,
        string? res0,
        string? output,
        string? size,
        string[] illegal) =>
        $"present {isPresent}, leaf {isLeaf}, {verdict}, {rights}, type {memoryType ?? "-"}, reserved {reserved}, res0 {res0}, " +
        $"output {output ?? "-"}, size {size ?? "-"}, illegal [{string.Join(' ', illegal)}]";

    private static string Right(JsonElement expect, string name, char letter) =>
        expect.TryGetProperty(name, out JsonElement right) && right.ValueKind == JsonValueKind.True ? letter.ToString() : "-";

    private static int? Number(JsonElement expect, string name) =>
        expect.TryGetProperty(name, out JsonElement number) && number.ValueKind != JsonValueKind.Null ? number.GetInt32() : null;

    // A format without such bits has none set.
    private static string? Bits(JsonElement expect, string name) =>
        expect.TryGetProperty(name, out JsonElement bits) ? Hex(bits.GetString()) : "0x0";

    private static string[] Words(JsonElement list) =>
        list.ValueKind == JsonValueKind.Null ? [] : [.. list.EnumerateArray().Select(w => w.GetString()!)];

    // The oracle pads its numbers.
    private static string? Hex(string? padded) => padded is null ? null
        : padded.AsSpan(2).TrimStart('0') is { Length: > 0 } digits ? $"0x{digits}" : "0x0";
}
