using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>
/// Goes through a tree entry by entry, with the interpreter's word for each: the slow twin of cursors and counters.
/// </summary>
internal sealed class SlowTree(Machine machine, TestTables tables, ulong root, int levels, ulong[] emptyValues)
{
    private readonly HashSet<(ulong Table, int Level)> _barren = [];
    private readonly List<CursorEntry> _entries = [];
    private bool _joinsSlots;

    /// <summary>How many different tables were read, by address and level.</summary>
    public HashSet<(ulong Table, int Level)> TablesRead { get; } = [];

    /// <summary>All that a cursor stops at.</summary>
    /// <param name="wanted">What is wanted beside table entries.</param>
    /// <param name="skipsBarren">Whether a table that held nothing wanted is not entered a second time.</param>
    /// <param name="joinsSlots">Whether a page that stands in all its slots is one entry.</param>
    public IReadOnlyList<CursorEntry> Entries(Wanted wanted, bool skipsBarren, bool joinsSlots = true)
    {
        _joinsSlots = joinsSlots;
        _entries.Clear();
        _barren.Clear();
        Visit(root, levels, 0, machine.Generated.RootRights, [root], wanted, skipsBarren);
        return [.. _entries];
    }

    /// <summary>Whether the table held something wanted, or led to a table that could not be entered.</summary>
    private bool Visit(
        ulong table, int level, ulong address, Rights rights, ulong[] path, Wanted wanted, bool skipsBarren)
    {
        bool found = false;
        TablesRead.Add((table, level));
        for (int index = 0; index < machine.EntriesOf(machine.Deepest, level); index++)
        {
            ulong entryAddress = table + ((ulong)index * sizeof(ulong));
            if (tables.Peek(entryAddress) is not { } raw)
            {
                return found;
            }

            if (raw == 0 || emptyValues.Contains(raw))
            {
                continue;
            }

            EntryReading entry = machine.Interpreted.Decode(level, raw);
            int shift = machine.Generated[level].Shift;
            ulong at = machine.Canonical(machine.Deepest, address + ((ulong)index << shift));
            Rights along = rights & entry.Rights;
            var shown = new CursorEntry(
                new(at), level, entry.Kind, TableReach.NoTable, Rights.None, raw, new(entryAddress), default, shift);
            if (entry.Kind == EntryKind.Leaf)
            {
                if (wanted.HasFlag(Wanted.Leaves))
                {
                    found = true;
                    int slots = (int)(entry.PageSize!.Value >> shift);
                    bool isWhole = _joinsSlots && slots > 1 && index % slots == 0
                        && Enumerable.Range(1, slots - 1).All(slot => IsPartOf(table, level, index + slot, entry));
                    ulong offset = isWhole ? 0 : (ulong)(index % slots) << shift;
                    _entries.Add(shown with
                    {
                        Rights = machine.Interpreted.Worth(along),
                        Output = new(entry.OutputAddress!.Value + offset),
                        PageShift = isWhole ? shift + System.Numerics.BitOperations.Log2((uint)slots) : shift,
                    });
                    index += isWhole ? slots - 1 : 0;
                }
            }
            else if (entry.Kind == EntryKind.Table)
            {
                ulong next = entry.OutputAddress!.Value;
                TableReach reach = path.Contains(next)
                    ? TableReach.Cycle
                    : tables.Peek(next) is null ? TableReach.NotInMemory : TableReach.Readable;
                _entries.Add(shown with { Reach = reach, Rights = along, Output = new(next) });
                found |= reach != TableReach.Readable;
                if (reach == TableReach.Readable && !(skipsBarren && _barren.Contains((next, entry.NextLevel!.Value))))
                {
                    found |= Visit(next, entry.NextLevel!.Value, at, along, [.. path, next], wanted, skipsBarren);
                }
            }
            else if (wanted.HasFlag(Wanted.Specials))
            {
                found = true;
                _entries.Add(shown);
            }
        }

        if (!found)
        {
            _barren.Add((table, level));
        }

        return found;
    }

    /// <summary>Whether a slot holds the same page.</summary>
    private bool IsPartOf(ulong table, int level, int index, EntryReading page)
    {
        EntryReading? other = index < machine.EntriesOf(machine.Deepest, level)
            && tables.Peek(table + ((ulong)index * sizeof(ulong))) is { } raw && !emptyValues.Contains(raw)
            ? machine.Interpreted.Decode(level, raw)
            : null;
        return other?.Kind == EntryKind.Leaf
            && other.OutputAddress == page.OutputAddress
            && other.PageSize == page.PageSize
            && other.Rights == page.Rights
            && other.MemoryType == page.MemoryType;
    }
}
