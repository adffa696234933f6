using System.Buffers.Binary;
using System.Text.Json.Nodes;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Fuzz.Tests;

/// <summary>A capture taken apart, so that it can be changed and put together again.</summary>
internal sealed class MutableCapture
{
    private const int EntryCount = 512;

    private MutableCapture(JsonObject description, SortedDictionary<ulong, ulong[]> pages)
    {
        Description = description;
        Pages = pages;
    }

    /// <summary>The content of <c>capture.json</c>.</summary>
    public JsonObject Description { get; }

    /// <summary>The tables by address.</summary>
    public SortedDictionary<ulong, ulong[]> Pages { get; }

    public static MutableCapture Load(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "captures", name);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "tables.bin"));
        var pages = new SortedDictionary<ulong, ulong[]>();
        for (int at = 0; at < bytes.Length; at += 8 + (EntryCount * 8))
        {
            ulong[] entries = new ulong[EntryCount];
            for (int i = 0; i < EntryCount; i++)
            {
                entries[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at + 8 + (i * 8)));
            }

            pages.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)), entries);
        }

        var description = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "capture.json")))!;
        description.Remove("sha256");
        return new MutableCapture(description, pages);
    }

    /// <summary>The tables as memory.</summary>
    public SparseMemory ToMemory()
    {
        var pages = new SparsePages();
        foreach (KeyValuePair<ulong, ulong[]> page in Pages)
        {
            pages.Add(new HostPhysicalAddress(page.Key), page.Value);
        }

        return new SparseMemory(pages);
    }

    /// <summary>The content of <c>tables.bin</c>.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Pages.Count * (8 + (EntryCount * 8))];
        int at = 0;
        foreach (KeyValuePair<ulong, ulong[]> page in Pages)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), page.Key);
            for (int i = 0; i < EntryCount; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 8 + (i * 8)), page.Value[i]);
            }

            at += 8 + (EntryCount * 8);
        }

        return bytes;
    }
}
