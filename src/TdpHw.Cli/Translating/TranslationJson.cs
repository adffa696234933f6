using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Answers as JSON objects, one a line, as an array or not.</summary>
/// <param name="output">Where they go.</param>
/// <param name="isArray">Whether all of them make one array.</param>
internal sealed class TranslationJson(Utf8Output output, bool isArray) : TranslationWriter
{
    private readonly JsonObjects _objects = new(output, isArray);

    public override void Begin() => _objects.Begin();

    public override void Write(in Translation translation)
    {
        WalkResult result = translation.Result;
        Utf8JsonWriter json = _objects.BeginObject();
        json.WriteHex("address", translation.Address);
        json.WriteString("outcome", AnswerWords.Outcome(result.Outcome));
        json.WriteHex("hpa", translation.HasOutput ? result.Output.Value : null);
        json.WriteHex("size", translation.IsLeafReached ? result.PageSize : null);
        if (translation.HasEntryAddress)
        {
            json.WriteNumber("level", result.Level);
        }
        else
        {
            json.WriteNull("level");
        }

        json.WriteHex("entry", translation.HasEntry ? result.Entry : null);
        json.WriteHex("entry_address", translation.HasEntryAddress ? result.EntryAddress.Value : null);
        json.WriteString("rights", translation.HasRights ? result.Rights.ToListing() : null);
        json.WriteString("memory_type", translation.MemoryType);
        if (translation.Window is { } window)
        {
            json.WriteString("window", window.Name);
        }

        _objects.EndObject();
    }

    public override void WriteError(string problem)
    {
        _objects.BeginObject().WriteString("error", problem);
        _objects.EndObject();
    }

    public override void End() => _objects.End();
}
