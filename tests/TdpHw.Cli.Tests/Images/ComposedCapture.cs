using System.Runtime.InteropServices;
using System.Text.Json;

namespace TdpHw.Cli.Tests.Images;

/// <summary>Captures of tables that nobody captured: put together from what manuals and kernels say.</summary>
internal static class ComposedCapture
{
    /// <summary>Writes the two files that an image needs.</summary>
    /// <param name="folder">Where they go.</param>
    /// <param name="format">The format of the tables.</param>
    /// <param name="maxPhyAddr">How wide addresses are, where the machine says it.</param>
    /// <param name="roots">The roots.</param>
    /// <param name="pages">The tables, each by its address and what it holds.</param>
    public static string Write(
        TempFolder folder,
        string format,
        int? maxPhyAddr,
        (string Name, ulong Table, int Levels)[] roots,
        params (ulong Address, (int Index, ulong Entry)[] Entries)[] pages)
    {
        var parameters = new Dictionary<string, int>();
        if (maxPhyAddr is int width)
        {
            parameters.Add("maxphyaddr", width);
        }

        folder.Write("capture.json", JsonSerializer.Serialize(new
        {
            name = "composed",
            format,
            parameters,
            roots = roots.Select(r => new { name = r.Name, hpa = $"0x{r.Table:x}", levels = r.Levels }),
        }));
        using FileStream file = File.Create(folder.File("tables.bin"));
        foreach ((ulong address, (int, ulong)[] entries) in pages.OrderBy(p => p.Address))
        {
            file.Write(MemoryMarshal.AsBytes<ulong>([address]));
            file.Write(MemoryMarshal.AsBytes<ulong>(RawFile.Sparse(entries)));
        }

        return folder.Path;
    }
}
