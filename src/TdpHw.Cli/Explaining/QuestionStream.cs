using System.Text.Json;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Explaining;

/// <summary>
/// Answers questions, one a line, in their order. A line that is no question gets an answer that says so, and the rest goes
/// on.
/// </summary>
/// <param name="terminal">Where questions come from and answers go.</param>
/// <param name="settings">
/// Settings of capabilities that hold for every question about a format that has them, unless it says otherwise.
/// </param>
/// <param name="overlay">The overlay that the command line names; null for each format's own.</param>
internal sealed class QuestionStream(Terminal terminal, IReadOnlyList<string> settings, string? overlay)
{
    // Resolving rules costs much more than decoding an entry, and questions come in long runs on one machine. The bound
    // keeps an input with ever new machines from filling the memory.
    private const int MaxMachines = 1024;

    // Longer than any that names each capability once: padded, and not worth its memory.
    private const int MaxKnownText = 4096;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Dictionary<(string Format, int? Levels, string Capabilities), EntryExplainer> _machines = [];

    /// <summary>How many machines are remembered.</summary>
    internal int KnownCount => _machines.Count;

    /// <summary>Answers all questions.</summary>
    /// <exception cref="UsageException">The command line names a capability or an overlay that no format has.</exception>
    public void Answer(CancellationToken cancellation)
    {
        CheckCommandLine();
        using Utf8JsonWriter json = JsonText.CreateWriter(terminal.Output);
        var lines = new LineReader(terminal.Input, beforeWait: terminal.Output.Flush);
        while (lines.Read())
        {
            cancellation.ThrowIfCancellationRequested();
            Answer(json, lines);
            json.Flush();
            json.Reset();
            terminal.Output.WriteLine();
        }
    }

    // What is wrong with every answer is told once, and before the first.
    private void CheckCommandLine()
    {
        Machine[] usual = [.. FormatRegistry.Formats.Select(Usual)];
        foreach (string setting in settings)
        {
            SharedOptions.Apply(usual.FirstOrDefault(m => HasIn(m, setting)) ?? usual[0], [setting]);
        }

        foreach (Machine machine in usual)
        {
            SharedOptions.Apply(machine, settings.Where(s => HasIn(machine, s))).Settled(IsAsked, out _);
        }
    }

    private bool IsAsked => overlay is not null;

    private Machine Usual(FormatDescription format) =>
        new(format.DefaultCapabilities, ChosenOverlay.FindIfOn(overlay, format));

    private static bool HasIn(Machine machine, string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && machine.Knows(setting[..equals]);
    }

    private void Answer(Utf8JsonWriter json, LineReader lines)
    {
        try
        {
            if (lines.IsCut)
            {
                throw new QuestionException($"the line is longer than {LineReader.MaxLength} bytes");
            }

            ExplanationJson.Write(json, Explain(lines.Line));
        }
        catch (Exception e) when (e is QuestionException or CapabilityException)
        {
            json.WriteStartObject();
            json.WriteString("error", e.Message);
            json.WriteEndObject();
        }
    }

    private Explanation Explain(ReadOnlyMemory<byte> line)
    {
        if (line.Span.Trim(" \t"u8).IsEmpty)
        {
            throw new QuestionException("the line is empty");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line, Strict);
            return Explain(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new QuestionException(e.BytePositionInLine is long position
                ? $"not a JSON object on a line, byte {position + 1}"
                : TwiceIn(line) ?? "not a JSON object on a line");
        }
        catch (InvalidOperationException)
        {
            // How the document tells of a string that is no text: bytes or escapes that are not Unicode.
            throw new QuestionException("a string that is not valid Unicode");
        }
    }

    // The document says that a name stands in an object twice, but not which.
    private static string? TwiceIn(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return TwiceIn(document.RootElement);
    }

    private static string? TwiceIn(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            return element.EnumerateArray().Select(TwiceIn).FirstOrDefault(t => t is not null);
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        HashSet<string> seen = [];
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string? twice = seen.Add(property.Name) ? TwiceIn(property.Value) : $"\"{property.Name}\" stands there twice";
            if (twice is not null)
            {
                return twice;
            }
        }

        return null;
    }

    private Explanation Explain(JsonElement question)
    {
        if (question.ValueKind != JsonValueKind.Object)
        {
            throw new QuestionException("a question is a JSON object");
        }

        string format = Required(question, "format") is { ValueKind: JsonValueKind.String } name
            ? name.GetString()!
            : throw new QuestionException("\"format\" is a string");
        int level = Required(question, "level") is var l && l.ValueKind == JsonValueKind.Number && l.TryGetInt32(out int number)
            ? number
            : throw new QuestionException("\"level\" is an integer");
        ulong raw = Raw(Required(question, "raw"));
        int? levels = Levels(question);
        JsonElement? capabilities = question.TryGetProperty("caps", out JsonElement caps) ? caps : null;
        EntryExplainer explainer = Find(format, levels, capabilities);
        if (levels is int depth && level > depth)
        {
            throw new QuestionException($"a walk of {depth} levels has no level {level}");
        }

        return level >= 1 && level <= explainer.MaxLevel
            ? explainer.Explain(level, raw)
            : throw new QuestionException($"{format} has levels 1 to {explainer.MaxLevel}, not {level}");
    }

    private static JsonElement Required(JsonElement question, string name) =>
        question.TryGetProperty(name, out JsonElement value)
            ? value
            : throw new QuestionException($"the question has no \"{name}\"");

    private static ulong Raw(JsonElement raw)
    {
        if (raw.ValueKind == JsonValueKind.Number && raw.TryGetUInt64(out ulong number))
        {
            return number;
        }

        if (raw.ValueKind != JsonValueKind.String)
        {
            throw new QuestionException("\"raw\" is a string such as \"0x148504b77\", or an integer of 64 bits");
        }

        string text = raw.GetString()!;
        return NumberText.TryParse(text, out number, out string problem)
            ? number
            : throw new QuestionException($"\"raw\": '{text}' {problem}");
    }

    private static int? Levels(JsonElement question)
    {
        if (!question.TryGetProperty("levels", out JsonElement levels) || levels.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return levels.ValueKind == JsonValueKind.Number && levels.TryGetInt32(out int number)
            ? number
            : throw new QuestionException("\"levels\" is an integer");
    }

    private EntryExplainer Find(string format, int? levels, JsonElement? capabilities)
    {
        string text = capabilities?.GetRawText() ?? "";
        if (text.Length > MaxKnownText)
        {
            return Create(format, levels, capabilities);
        }

        (string, int?, string) key = (format, levels, text);
        if (_machines.TryGetValue(key, out EntryExplainer? known))
        {
            return known;
        }

        if (_machines.Count == MaxMachines)
        {
            _machines.Clear();
        }

        EntryExplainer made = Create(format, levels, capabilities);
        _machines.Add(key, made);
        return made;
    }

    private EntryExplainer Create(string id, int? levels, JsonElement? capabilities)
    {
        FormatDescription format = KnownFormats.Find(id) ?? throw new QuestionException(KnownFormats.Unknown(id));
        Machine usual = Usual(format);
        Machine machine = SharedOptions.Apply(usual, settings.Where(s => HasIn(usual, s)));
        if (levels is int depth)
        {
            WalkDescription walk = format.Walks.FirstOrDefault(w => w.Shape.Levels == depth)
                ?? throw new QuestionException(
                    $"{id} has no walk of {depth} levels; there are: {string.Join(", ", format.Walks.Select(w => w.Shape.Levels))}");
            machine = machine with { Capabilities = ImageCapabilities.WithWalk(machine.Capabilities, walk) };
        }

        return ExplainerSource.Create(format, Settled(Apply(machine, capabilities)));
    }

    private Machine Settled(Machine machine)
    {
        try
        {
            return machine.Settled(IsAsked, out _);
        }
        catch (UsageException e)
        {
            throw new QuestionException(e.Message);
        }
    }

    private static Machine Apply(Machine machine, JsonElement? capabilities)
    {
        switch (capabilities?.ValueKind)
        {
            case null or JsonValueKind.Null:
                return machine;
            case not JsonValueKind.Object:
                throw new QuestionException("\"caps\" is an object");
        }

        foreach (JsonProperty setting in capabilities.Value.EnumerateObject())
        {
            string value = setting.Value.ValueKind == JsonValueKind.String
                ? setting.Value.GetString()!
                : setting.Value.GetRawText();
            machine = machine.With(setting.Name, value);
        }

        return machine;
    }
}
