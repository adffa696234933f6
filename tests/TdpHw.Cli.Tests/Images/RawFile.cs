using System.Runtime.InteropServices;

namespace TdpHw.Cli.Tests.Images;

/// <summary>Raw files of table pages.</summary>
internal static class RawFile
{
    public const int EntriesPerPage = 512;

    /// <summary>The bits of a table entry, and of a leaf, that allow all: read, write, execute.</summary>
    public const ulong All = 7;

    /// <summary>A file of pages one after the other, each given by its entries.</summary>
    public static string Write(TempFolder folder, string name, params ulong[][] pages)
    {
        string path = folder.File(name);
        using FileStream file = File.Create(path);
        foreach (ulong[] page in pages)
        {
            file.Write(MemoryMarshal.AsBytes<ulong>(page));
        }

        return path;
    }

    /// <summary>A page with the same entry 512 times.</summary>
    public static ulong[] Filled(ulong entry) => [.. Enumerable.Repeat(entry, EntriesPerPage)];

    /// <summary>A page with some entries and nothing else.</summary>
    public static ulong[] Sparse(params (int Index, ulong Entry)[] entries)
    {
        ulong[] page = new ulong[EntriesPerPage];
        foreach ((int index, ulong entry) in entries)
        {
            page[index] = entry;
        }

        return page;
    }

    /// <summary>
    /// A file that starts at 0x1000 and maps 512^4 pages: four tables, each of which points 512 times to the next one.
    /// </summary>
    public static string WriteShared(TempFolder folder) => Write(
        folder,
        "shared.bin",
        Filled(0x2000 | All),
        Filled(0x3000 | All),
        Filled(0x4000 | All),
        [.. Enumerable.Range(0, EntriesPerPage).Select(i => 0x1_0000_0000 | (ulong)i << 13 | 0x30 | All)]);
}
