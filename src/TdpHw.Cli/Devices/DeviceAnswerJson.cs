using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>Answers as JSON objects, one a line, as an array or not. Scripts rely on the keys.</summary>
internal sealed class DeviceAnswerJson(Utf8Output output, bool isArray) : DeviceAnswerWriter
{
    private readonly JsonObjects _objects = new(output, isArray);

    public override void Begin() => _objects.Begin();

    public override void Write(in DeviceAnswer answer)
    {
        Utf8JsonWriter json = _objects.BeginObject();
        json.WriteString("device", answer.Result.Device.Address.ToString());
        json.WriteHex("address", answer.Address);
        json.WriteString("access", answer.AccessWord);
        WriteResult(json, answer);
        _objects.EndObject();
    }

    /// <summary>Writes what becomes of a request, into an object that was begun.</summary>
    public static void WriteResult(Utf8JsonWriter json, in DeviceAnswer answer)
    {
        DeviceAccess result = answer.Result;
        VtdFaultReasons.Explanation explanation = default;
        if (!result.IsAllowed)
        {
            VtdFaultReasons.TryExplain(result.Reason, out explanation);
        }

        json.WriteString("result", answer.Outcome);
        json.WriteString("reason", result.IsAllowed ? null : DeviceWords.Of(result.Reason));
        json.WriteString("meaning", explanation.Meaning);
        json.WriteString("hint", explanation.Hint);
        json.WriteHex("hpa", answer.HasOutput ? result.Output.Value : null);
        if (answer.Walk is WalkResult walk)
        {
            json.WriteNumber("level", walk.Level);
        }
        else
        {
            json.WriteNull("level");
        }

        json.WriteHex("entry", answer.Entry);
        json.WriteHex("entry_address", answer.Walk?.EntryAddress.Value);
    }

    public override void WriteError(string problem)
    {
        _objects.BeginObject().WriteString("error", problem);
        _objects.EndObject();
    }

    public override void End() => _objects.End();
}
