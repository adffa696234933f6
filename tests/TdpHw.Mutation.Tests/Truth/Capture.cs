using System.Buffers.Binary;
using System.Text.Json;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Real tables, read once.</summary>
internal sealed class Capture
{
    private const int PageSize = 4096;

    private readonly Dictionary<ulong, ulong[]> _pages = [];

    public Capture(string name)
    {
        Name = name;
        string folder = Path.Combine("captures", name);
        JsonElement description = Json.Read(Path.Combine(folder, "capture.json"));
        Format = description.GetProperty("format").GetString()!;
        Parameters = description.GetProperty("parameters");
        Roots = [.. description.GetProperty("roots").EnumerateArray()];
        ReadOnlySpan<byte> tables = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, folder, "tables.bin"));
        for (int at = 0; at < tables.Length; at += sizeof(ulong) + PageSize)
        {
            var entries = new ulong[PageSize / sizeof(ulong)];
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = BinaryPrimitives.ReadUInt64LittleEndian(tables[(at + ((i + 1) * sizeof(ulong)))..]);
            }

            _pages.Add(BinaryPrimitives.ReadUInt64LittleEndian(tables[at..]), entries);
        }

        Leaves = Rows("expected.tsv");
        Specials = Rows("special.tsv");

        string[] Rows(string file) =>
            [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, folder, file)).Skip(1).Where(line => line.Length > 0)];
    }

    public string Name { get; }

    /// <summary>The format's id.</summary>
    public string Format { get; }

    public JsonElement Parameters { get; }

    public JsonElement[] Roots { get; }

    /// <summary>The rows of <c>expected.tsv</c>.</summary>
    public string[] Leaves { get; }

    /// <summary>The rows of <c>special.tsv</c>.</summary>
    public string[] Specials { get; }

    /// <summary>How many pages of tables there are.</summary>
    public int PageCount => _pages.Count;

    /// <summary>Where the tables below the roots start, each once.</summary>
    public IEnumerable<(ulong Table, int Levels)> DistinctRoots =>
        Roots.Select(r => (r.GetProperty("hpa").Hex(), r.GetProperty("levels").GetInt32())).Distinct();

    /// <summary>The entries of the page at an address, or null.</summary>
    public ulong[]? Page(ulong address) => _pages.GetValueOrDefault(address);

    /// <summary>A record of 64-bit words.</summary>
    public ulong[] Words(ulong address, int count)
    {
        ulong[] page = Page(address & ~(PageSize - 1ul))
            ?? throw new DisagreementException($"{Name}: there is no page at 0x{address:x}");
        return page.AsSpan((int)(address % PageSize) / sizeof(ulong), count).ToArray();
    }
}
