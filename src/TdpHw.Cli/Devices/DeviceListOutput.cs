using System.Globalization;
using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>Writes a list of devices. Scripts rely on columns and keys.</summary>
internal static class DeviceListOutput
{
    private static readonly string[] Columns = ["device", "kind", "root", "levels", "domain", "pasid", "fault"];

    /// <summary>Writes it in a form.</summary>
    public static void Write(Utf8Output output, OutputForm form, DeviceList list)
    {
        switch (form)
        {
            case OutputForm.Json or OutputForm.JsonLines:
                WriteObjects(output, form == OutputForm.Json, list);
                break;
            case OutputForm.Tsv:
                output.WriteLine(string.Join('\t', Columns));
                foreach (VtdDevice device in list.Devices)
                {
                    output.WriteLine(string.Join('\t', Cells(device)));
                }

                break;
            default:
                WriteText(output, list);
                break;
        }
    }

    private static void WriteText(Utf8Output output, DeviceList list)
    {
        string mode = list.Rtaddr.Mode == VtdTranslationTableMode.Scalable ? "scalable" : "legacy";
        output.WriteLine($"{mode} mode, root table {list.Rtaddr.RootTable}");
        if (list.Devices.IsEmpty)
        {
            output.WriteLine("  no device");
            return;
        }

        TextTable.Write(output, [Columns, .. list.Devices.Select(Cells)]);
        foreach (VtdFaultReason reason in list.Devices.Select(d => d.Fault).Where(f => f != VtdFaultReason.None).Distinct())
        {
            output.WriteLine($"fault {DeviceWords.Of(reason)}: {DeviceWords.MeaningOf(reason)}");
        }
    }

    private static string[] Cells(VtdDevice device) =>
    [
        device.Address.ToString(),
        DeviceWords.Of(device.Kind),
        device.Levels == 0 ? "-" : device.Root.ToString(),
        device.Levels == 0 ? "-" : Number(device.Levels),
        device.Fault == VtdFaultReason.None ? Number(device.Domain) : "-",
        device.Pasid is int pasid ? Number(pasid) : "-",
        device.Fault == VtdFaultReason.None ? "-" : DeviceWords.Of(device.Fault),
    ];

    private static void WriteObjects(Utf8Output output, bool isArray, DeviceList list)
    {
        var objects = new JsonObjects(output, isArray);
        objects.Begin();
        foreach (VtdDevice device in list.Devices)
        {
            Utf8JsonWriter json = objects.BeginObject();
            json.WriteString("device", device.Address.ToString());
            json.WriteString("kind", DeviceWords.Of(device.Kind));
            json.WriteHex("root", device.Levels == 0 ? null : device.Root.Value);
            json.WriteNumber("levels", device.Levels == 0 ? null : device.Levels);
            json.WriteNumber("domain", device.Fault == VtdFaultReason.None ? device.Domain : null);
            json.WriteNumber("pasid", device.Pasid);
            json.WriteString("fault", device.Fault == VtdFaultReason.None ? null : DeviceWords.Of(device.Fault));
            objects.EndObject();
        }

        objects.End();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
