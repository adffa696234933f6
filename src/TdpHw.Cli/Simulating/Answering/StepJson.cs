using System.Text.Json;
using System.Text.Json.Nodes;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating.Answering;

/// <summary>Writes answers as JSON, one a line. Scripts rely on the keys and their order.</summary>
/// <param name="output">Where they go.</param>
internal sealed class StepJson(Utf8Output output) : IStepOutput
{
    private readonly JsonObjects _objects = new(output, isArray: false);

    /// <inheritdoc/>
    public void Write(StepOrigin step, StepAnswer answer)
    {
        Utf8JsonWriter json = _objects.BeginObject();
        json.WriteNumber("step", step.Number);
        json.WriteString("verb", step.Verb);
        WriteResult(json, answer);
        _objects.EndObject();
        output.Flush();
    }

    /// <summary>Writes what came of a step into an object.</summary>
    public static void WriteResult(Utf8JsonWriter json, StepAnswer answer)
    {
        json.WriteString("result", answer.Result);
        foreach ((string name, JsonNode? value) in answer.Fields)
        {
            json.WritePropertyName(name);
            if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.WriteTo(json);
            }
        }
    }
}
