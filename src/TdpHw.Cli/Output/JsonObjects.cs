using System.Text.Json;

namespace TdpHw.Cli.Output;

/// <summary>JSON objects, one a line, as an array or not.</summary>
/// <param name="output">Where they go.</param>
/// <param name="isArray">Whether all of them make one array.</param>
internal sealed class JsonObjects(Utf8Output output, bool isArray)
{
    private readonly Utf8JsonWriter _json = JsonText.CreateWriter(output);
    private bool _isFirst = true;

    /// <summary>Begins them all.</summary>
    public void Begin()
    {
        if (isArray)
        {
            output.Write("["u8);
        }
    }

    /// <summary>Begins an object.</summary>
    /// <returns>What its properties are written to.</returns>
    public Utf8JsonWriter BeginObject()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "\n"u8 : ",\n"u8);
        }

        _isFirst = false;
        _json.WriteStartObject();
        return _json;
    }

    /// <summary>Ends an object.</summary>
    public void EndObject()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        if (!isArray)
        {
            output.Write("\n"u8);
        }
    }

    /// <summary>Ends them all.</summary>
    public void End()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "]\n"u8 : "\n]\n"u8);
        }
    }
}
