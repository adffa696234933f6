namespace TdpHw.Formats.Tests.Generated;

/// <summary>
/// A small memory of table pages, one behind the other from an address on. It counts how often tables and entries are asked
/// for, so that a test can bound work without a clock.
/// </summary>
/// <param name="start">The address of the first page.</param>
/// <param name="pages">How many pages there are.</param>
/// <param name="entriesPerPage">How many entries a page has room for.</param>
internal sealed class TestTables(ulong start, int pages, int entriesPerPage = 512)
{
    private readonly ulong[] _entries = new ulong[pages * entriesPerPage];
    private readonly HashSet<int> _missing = [];

    /// <summary>How many entries were asked for one by one.</summary>
    public int EntryReads { get; private set; }

    /// <summary>How many times a whole table was asked for.</summary>
    public int TableReads { get; private set; }

    /// <summary>The page that is lost at a certain table read; none when null.</summary>
    public (int Page, int AtRead)? Loss { get; set; }

    /// <summary>This memory for a walk.</summary>
    public TestMemory Memory => new(this);

    private ulong PageBytes => (ulong)entriesPerPage * sizeof(ulong);

    /// <summary>The entry of a page.</summary>
    public ref ulong this[int page, int index] => ref _entries[(page * entriesPerPage) + index];

    /// <summary>The address of a page.</summary>
    public ulong AddressOf(int page) => start + ((ulong)page * PageBytes);

    /// <summary>The entries of a page.</summary>
    public Span<ulong> Page(int page) => _entries.AsSpan(page * entriesPerPage, entriesPerPage);

    /// <summary>Takes a page away.</summary>
    public void Drop(int page) => _missing.Add(page);

    /// <summary>The entry at an address, or null when there is none; counts nothing.</summary>
    public ulong? Peek(ulong address)
    {
        ulong offset = address - start;
        return address >= start && offset / sizeof(ulong) < (ulong)_entries.Length && !_missing.Contains((int)(offset / PageBytes))
            ? _entries[offset / sizeof(ulong)]
            : null;
    }

    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry)
    {
        EntryReads++;
        ulong? answer = Peek(address.Value);
        entry = answer.GetValueOrDefault();
        return answer.HasValue;
    }

    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
    {
        TableReads++;
        if (Loss is { } loss && loss.AtRead == TableReads)
        {
            Drop(loss.Page);
        }

        table = default;
        ulong first = (address.Value - start) / sizeof(ulong);
        if (address.Value < start || first + (ulong)entryCount > (ulong)_entries.Length)
        {
            return false;
        }

        for (int page = (int)first / entriesPerPage; page * entriesPerPage < (int)first + entryCount; page++)
        {
            if (_missing.Contains(page))
            {
                return false;
            }
        }

        table = _entries.AsSpan((int)first, entryCount);
        return true;
    }
}
