using System.Globalization;
using System.Text.Json;
using TdpHw.Cli.Devices;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Faults;

/// <summary>Writes what kernel lines mean. Scripts rely on columns and keys.</summary>
internal static class FaultOutput
{
    /// <summary>Writes them as they come.</summary>
    public static void Write(Utf8Output output, OutputForm form, IEnumerable<FaultAnswer> answers)
    {
        switch (form)
        {
            case OutputForm.Json:
                JsonText.WriteDocument(output, (FaultAnswer[])[.. answers], static (json, answer) => Write(json, answer));
                break;
            case OutputForm.JsonLines:
                WriteLines(output, answers);
                break;
            case OutputForm.Tsv:
                output.WriteLine("device\taccess\taddress\tpasid\treason\tmeaning");
                foreach (FaultAnswer answer in answers)
                {
                    WriteRow(output, answer);
                }

                break;
            default:
                foreach (FaultAnswer answer in answers)
                {
                    WriteText(output, answer);
                }

                break;
        }
    }

    private static void WriteText(Utf8Output output, in FaultAnswer answer)
    {
        if (answer.Line.Fault is not DmarFaultLine fault)
        {
            output.WriteLine($"error: {Terminal.OneLine(answer.Line.Problem)}");
            return;
        }

        string pasid = fault.Pasid is int number ? string.Create(CultureInfo.InvariantCulture, $" with PASID 0x{number:x}") : "";
        output.WriteLine(
            $"{fault.Device} {AccessWord(fault)} {HexText.Of(fault.Address)}{pasid}: "
            + $"fault {DeviceWords.Of(fault.Reason)}, {DeviceWords.MeaningOf(fault.Reason)}");
        if (VtdFaultReasons.TryExplain(fault.Reason, out VtdFaultReasons.Explanation known))
        {
            output.WriteLine($"  {known.Hint}");
        }

        if (answer.Now is DeviceAnswer now)
        {
            output.WriteLine($"  in the image{DeviceAnswerText.Sentence(now)}");
        }
        else if (answer.NowProblem is string problem)
        {
            output.WriteLine($"  in the image: {Terminal.OneLine(problem)}");
        }
    }

    private static void WriteRow(Utf8Output output, in FaultAnswer answer)
    {
        if (answer.Line.Fault is not DmarFaultLine fault)
        {
            output.WriteLine("-\terror\t-\t-\t-\t-");
            return;
        }

        output.WriteLine(string.Join('\t',
        [
            fault.Device.ToString(),
            AccessWord(fault),
            HexText.Of(fault.Address),
            fault.Pasid?.ToString(CultureInfo.InvariantCulture) ?? "-",
            DeviceWords.Of(fault.Reason),
            DeviceWords.MeaningOf(fault.Reason),
        ]));
    }

    private static void WriteLines(Utf8Output output, IEnumerable<FaultAnswer> answers)
    {
        using Utf8JsonWriter json = JsonText.CreateWriter(output);
        foreach (FaultAnswer answer in answers)
        {
            Write(json, answer);
            json.Flush();
            json.Reset();
            output.WriteLine();
        }
    }

    private static void Write(Utf8JsonWriter json, in FaultAnswer answer)
    {
        json.WriteStartObject();
        if (answer.Line.Fault is DmarFaultLine fault)
        {
            WriteFault(json, fault);
            WriteImage(json, answer);
        }
        else
        {
            json.WriteString("error", answer.Line.Problem);
        }

        json.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter json, DmarFaultLine fault)
    {
        VtdFaultReasons.TryExplain(fault.Reason, out VtdFaultReasons.Explanation known);
        json.WriteString("device", fault.Device.ToString());
        json.WriteString("access", AccessWord(fault));
        json.WriteHex("address", fault.Address);
        if (fault.Pasid is int pasid)
        {
            json.WriteNumber("pasid", pasid);
        }
        else
        {
            json.WriteNull("pasid");
        }

        json.WriteString("reason", DeviceWords.Of(fault.Reason));
        json.WriteString("meaning", known.Meaning);
        json.WriteString("hint", known.Hint);
    }

    private static void WriteImage(Utf8JsonWriter json, in FaultAnswer answer)
    {
        if (answer.Now is DeviceAnswer now)
        {
            json.WriteStartObject("image");
            DeviceAnswerJson.WriteResult(json, now);
            json.WriteEndObject();
        }
        else if (answer.NowProblem is string problem)
        {
            json.WriteStartObject("image");
            json.WriteString("error", problem);
            json.WriteEndObject();
        }
    }

    private static string AccessWord(DmarFaultLine fault) => fault.IsWrite ? "write" : "read";
}
