using System.Buffers.Binary;
using System.Text.Json;

namespace TdpHw.Cli.Tests.Images;

/// <summary>The captures that the tests bring, and other shapes of them.</summary>
internal static class Capture
{
    private const int PageSize = 4096;

    public static string[] Names => ["amdv1-3level", "ept-default", "ept-huge", "ept-noad", "npt-4level", "vtd-ss-48", "vtd-ss-48-scalable"];

    public static string File(string capture, string name) =>
        Path.Combine(AppContext.BaseDirectory, "captures", capture, name);

    public static byte[] Expected(string capture, string name) => System.IO.File.ReadAllBytes(File(capture, name));

    /// <summary>A folder with the two files that an image needs, and nothing to copy answers from.</summary>
    public static string CopyTo(TempFolder folder, string capture)
    {
        string path = Directory.CreateDirectory(folder.File(capture)).FullName;
        foreach (string name in (string[])["capture.json", "tables.bin"])
        {
            System.IO.File.Copy(File(capture, name), Path.Combine(path, name));
        }

        return path;
    }

    /// <summary>A folder with the tables of a capture and another description.</summary>
    public static string CopyTo(TempFolder folder, string capture, string description)
    {
        string path = CopyTo(folder, capture);
        System.IO.File.WriteAllText(Path.Combine(path, "capture.json"), description);
        return path;
    }

    /// <summary>The table pages with their addresses.</summary>
    public static IEnumerable<(ulong Address, byte[] Page)> Pages(string capture)
    {
        byte[] records = Expected(capture, "tables.bin");
        for (int i = 0; i < records.Length; i += sizeof(ulong) + PageSize)
        {
            yield return (
                BinaryPrimitives.ReadUInt64LittleEndian(records.AsSpan(i)),
                records[(i + sizeof(ulong))..(i + sizeof(ulong) + PageSize)]);
        }
    }

    /// <summary>A parameter of a capture as its file writes it.</summary>
    public static string Parameter(string capture, string name)
    {
        using JsonDocument description = JsonDocument.Parse(Expected(capture, "capture.json"));
        return description.RootElement.GetProperty("parameters").GetProperty(name).ToString();
    }
}
