using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Answers as JSON objects, one a line, as an array or not.</summary>
/// <param name="output">Where they go.</param>
/// <param name="isArray">Whether all of them make one array.</param>
internal sealed class TranslationJson(Utf8Output output, bool isArray) : TranslationWriter
{
    private readonly Utf8JsonWriter _json = JsonText.CreateWriter(output);
    private bool _isFirst = true;

    public override void Begin()
    {
        if (isArray)
        {
            output.Write("["u8);
        }
    }

    public override void Write(in Translation translation)
    {
        WalkResult result = translation.Result;
        BeginObject();
        _json.WriteHex("address", translation.Address);
        _json.WriteString("outcome", AnswerWords.Outcome(result.Outcome));
        _json.WriteHex("hpa", translation.IsLeafReached ? result.Output.Value : null);
        _json.WriteHex("size", translation.IsLeafReached ? result.PageSize : null);
        if (translation.HasEntryAddress)
        {
            _json.WriteNumber("level", result.Level);
        }
        else
        {
            _json.WriteNull("level");
        }

        _json.WriteHex("entry", translation.HasEntry ? result.Entry : null);
        _json.WriteHex("entry_address", translation.HasEntryAddress ? result.EntryAddress.Value : null);
        _json.WriteString("rights", translation.HasRights ? result.Rights.ToListing() : null);
        _json.WriteString("memory_type", translation.MemoryType);
        if (translation.Window is { } window)
        {
            _json.WriteString("window", window.Name);
        }

        EndObject();
    }

    public override void WriteError(string problem)
    {
        BeginObject();
        _json.WriteString("error", problem);
        EndObject();
    }

    public override void End()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "]\n"u8 : "\n]\n"u8);
        }
    }

    private void BeginObject()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "\n"u8 : ",\n"u8);
        }

        _isFirst = false;
        _json.WriteStartObject();
    }

    private void EndObject()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        if (!isArray)
        {
            output.Write("\n"u8);
        }
    }
}
