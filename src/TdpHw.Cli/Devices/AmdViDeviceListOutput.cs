using System.Globalization;
using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>Writes a list of devices of an AMD-Vi unit. Scripts rely on columns and keys.</summary>
internal static class AmdViDeviceListOutput
{
    private static readonly string[] Columns = ["device", "kind", "root", "levels", "domain", "perms", "fault"];

    /// <summary>Writes it in a form.</summary>
    public static void Write(Utf8Output output, OutputForm form, AmdViDeviceList list)
    {
        switch (form)
        {
            case OutputForm.Json or OutputForm.JsonLines:
                WriteObjects(output, form == OutputForm.Json, list);
                break;
            case OutputForm.Tsv:
                output.WriteLine(string.Join('\t', Columns));
                foreach (AmdViDevice device in list.Devices)
                {
                    output.WriteLine(string.Join('\t', Cells(device)));
                }

                break;
            default:
                WriteText(output, list);
                break;
        }
    }

    private static void WriteText(Utf8Output output, AmdViDeviceList list)
    {
        output.WriteLine($"device table {list.Register.DeviceTable}, {CountText.Of(list.Register.Pages, "page", "pages")}");
        if (list.Devices.IsEmpty)
        {
            output.WriteLine("  no device");
        }
        else
        {
            TextTable.Write(output, [Columns, .. list.Devices.Select(Cells)]);
        }

        foreach (AmdViFault fault in list.Devices.Select(d => d.Fault).Where(f => f != AmdViFault.None).Distinct())
        {
            output.WriteLine($"fault {AmdViWords.Of(fault)}: {AmdViWords.MeaningOf(fault)}");
        }

        if (list.RefusedCount != 0)
        {
            output.WriteLine($"{CountText.Of(list.RefusedCount, "more entry refuses", "more entries refuse")} every request");
        }

        if (list.NoEntryCount != 0)
        {
            output.WriteLine(
                $"{CountText.Of(list.NoEntryCount, "more entry is", "more entries are")} not valid: every request passes untranslated");
        }
    }

    private static string[] Cells(AmdViDevice device) =>
    [
        device.Address.ToString(),
        AmdViWords.Of(device.Kind),
        device.Levels == 0 ? "-" : device.Root.ToString(),
        device.Levels == 0 ? "-" : Number(device.Levels),
        device.Fault == AmdViFault.None ? Number(device.Domain) : "-",
        device.Rights.ToListing(),
        AmdViWords.Of(device.Fault),
    ];

    private static void WriteObjects(Utf8Output output, bool isArray, AmdViDeviceList list)
    {
        var objects = new JsonObjects(output, isArray);
        objects.Begin();
        foreach (AmdViDevice device in list.Devices)
        {
            Utf8JsonWriter json = objects.BeginObject();
            json.WriteString("device", device.Address.ToString());
            json.WriteString("kind", AmdViWords.Of(device.Kind));
            json.WriteHex("root", device.Levels == 0 ? null : device.Root.Value);
            json.WriteNumber("levels", device.Levels == 0 ? null : device.Levels);
            json.WriteNumber("domain", device.Fault == AmdViFault.None ? device.Domain : null);
            json.WriteString("perms", device.Rights.ToListing());
            json.WriteString("fault", device.Fault == AmdViFault.None ? null : AmdViWords.Of(device.Fault));
            objects.EndObject();
        }

        objects.End();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
