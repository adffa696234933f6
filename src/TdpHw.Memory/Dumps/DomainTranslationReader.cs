using System.Collections.Immutable;
using System.Text.RegularExpressions;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>Reads the text of <c>domain_translation_struct</c>, and makes the table pages again that it was made from.</summary>
internal sealed partial class DomainTranslationReader
{
    private const int MinLevels = 3;
    private const int MaxLevels = 5;
    private const int UsualLevels = 4;
    private const int IndexBits = 9;
    private const int EntryCount = 1 << IndexBits;
    private const ulong AddressMask = 0x000f_ffff_ffff_f000;
    private const ulong PageBit = 1 << 7;

    private static readonly string[] Columns = ["IOVA_PFN", "PML5E", "PML4E", "PDPE", "PDE", "PTE"];

    private readonly TextLines _lines;
    private readonly Dictionary<ulong, ulong[]> _tables = [];
    private readonly ImmutableArray<ImageRoot>.Builder _roots = ImmutableArray.CreateBuilder<ImageRoot>();
    private bool _isInRows;
    private int _levels;

    private DomainTranslationReader(TextLines lines) => _lines = lines;

    /// <summary>Reads all lines.</summary>
    /// <returns>The roots in the order of the text, and the table pages.</returns>
    /// <exception cref="ImageException">A line is malformed or contradicts another.</exception>
    public static (ImmutableArray<ImageRoot> Roots, SparsePages Pages) Read(TextLines lines)
    {
        var reader = new DomainTranslationReader(lines);
        while (lines.Read() is string line)
        {
            reader.ReadLine(line.Trim());
        }

        var pages = new SparsePages();
        foreach ((ulong address, ulong[] entries) in reader._tables)
        {
            pages.Add(new HostPhysicalAddress(address), entries);
        }

        return (reader._roots.ToImmutable(), pages);
    }

    private void ReadLine(string line)
    {
        if (line.Length == 0)
        {
            return;
        }

        if (line.StartsWith("Device ", StringComparison.Ordinal))
        {
            BeginDevice(line);
        }
        else if (line.StartsWith(Columns[0], StringComparison.Ordinal))
        {
            BeginRows(line);
        }
        else if (_isInRows)
        {
            ReadRow(line);
        }
        else
        {
            throw _lines.Malformed($"neither a line 'Device …' nor one of columns: {string.Join(' ', Columns)}");
        }
    }

    private void BeginDevice(string line)
    {
        Match match = DevicePattern().Match(line);
        if (!match.Success || !TryHex(match.Groups["root"].Value, out ulong root))
        {
            throw _lines.Malformed("not 'Device NAME @0x…' or 'Device NAME with pasid n @0x…'");
        }

        if (root % Page.Size != 0)
        {
            throw _lines.Malformed($"root 0x{root:x} is not a multiple of 4096");
        }

        string name = match.Groups["device"].Value;
        _roots.Add(new ImageRoot(
            match.Groups["pasid"].Success ? $"{name} pasid {match.Groups["pasid"].Value}" : name,
            new HostPhysicalAddress(root),
            UsualLevels));
        TableAt(root);
        _levels = 0;
        _isInRows = false;
    }

    private void BeginRows(string line)
    {
        if (_roots.Count == 0)
        {
            throw _lines.Malformed("columns before the first line 'Device …'");
        }

        if (!Words(line).SequenceEqual(Columns))
        {
            throw _lines.Malformed($"the columns are not {string.Join(' ', Columns)}");
        }

        _isInRows = true;
    }

    private void ReadRow(string line)
    {
        string[] words = Words(line.Replace('|', ' '));
        if (words.Length != Columns.Length)
        {
            throw _lines.Malformed($"{words.Length} numbers in a row of {Columns.Length}");
        }

        ulong[] numbers = new ulong[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            if (!TryHex(words[i], out numbers[i]))
            {
                throw _lines.Malformed($"{Columns[i]} '{words[i]}' is not a number in hexadecimal with 0x");
            }
        }

        // Level 1 is the last column.
        ulong frame = numbers[0];
        Span<ulong> entries = stackalloc ulong[MaxLevels + 1];
        for (int level = 1; level <= MaxLevels; level++)
        {
            entries[level] = numbers[^level];
        }

        (int top, int bottom) = Judge(frame, entries);
        ulong table = _roots[^1].Table.Value;
        for (int level = top; level >= bottom; level--)
        {
            Place(table, (int)((frame >> (IndexBits * (level - 1))) % EntryCount), entries[level]);
            table = entries[level] & AddressMask;
        }
    }

    /// <summary>The levels that a row has entries at: those of the walk, down to that of the page.</summary>
    private (int Top, int Bottom) Judge(ulong frame, ReadOnlySpan<ulong> entries)
    {
        int top = MaxLevels;
        while (top > 0 && entries[top] == 0)
        {
            top--;
        }

        int bottom = 1;
        while (bottom < top && entries[bottom] == 0)
        {
            bottom++;
        }

        if (top < MinLevels)
        {
            throw _lines.Malformed($"a walk of {top} levels; there are {MinLevels} to {MaxLevels}");
        }

        if (_levels != 0 && top != _levels)
        {
            throw _lines.Malformed($"a walk of {top} levels below a root of {_levels}");
        }

        if (frame >> (IndexBits * top) != 0)
        {
            throw _lines.Malformed($"IOVA_PFN 0x{frame:x} is beyond a walk of {top} levels");
        }

        if (frame % (1ul << (IndexBits * (bottom - 1))) != 0)
        {
            throw _lines.Malformed($"IOVA_PFN 0x{frame:x} is not where a page of level {bottom} begins");
        }

        for (int level = bottom; level <= top; level++)
        {
            bool isPage = level == 1 || (level <= MinLevels && (entries[level] & PageBit) != 0);
            string column = Columns[^level];
            if (entries[level] == 0)
            {
                throw _lines.Malformed($"{column} is zero between others");
            }

            if (isPage != (level == bottom))
            {
                throw _lines.Malformed(isPage
                    ? $"{column} 0x{entries[level]:x} is a page, with an entry below it"
                    : $"{column} 0x{entries[level]:x} is no page, and no entry is below it");
            }
        }

        if (_levels == 0)
        {
            _levels = top;
            _roots[^1] = _roots[^1] with { Levels = top };
        }

        return (top, bottom);
    }

    private void Place(ulong address, int index, ulong entry)
    {
        ulong[] table = TableAt(address);
        if (table[index] != 0 && table[index] != entry)
        {
            throw _lines.Malformed(
                $"entry {index} of the table at 0x{address:x} is 0x{entry:x}, and 0x{table[index]:x} in an earlier row");
        }

        table[index] = entry;
    }

    private ulong[] TableAt(ulong address)
    {
        if (!_tables.TryGetValue(address, out ulong[]? table))
        {
            table = new ulong[EntryCount];
            _tables.Add(address, table);
        }

        return table;
    }

    private static string[] Words(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool TryHex(string text, out ulong value)
    {
        value = 0;
        return text.StartsWith("0x", StringComparison.Ordinal)
            && NumberText.TryParse(text, out value, out _);
    }

    [GeneratedRegex(
        @"^Device (?<device>\S+)(?: with pasid (?<pasid>[0-9a-f]{1,5}))? @(?<root>0x[0-9a-f]{1,16})$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex DevicePattern();
}
