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

    /// <summary>How many different tables were read, by address and level.</summary>
    public HashSet<(ulong Table, int Level)> TablesRead { get; } = [];

    /// <summary>All that a cursor stops at.</summary>
    /// <param name="wanted">What is wanted beside table entries.</param>
    /// <param name="skipsBarren">Whether a table that held nothing wanted is not entered a second time.</param>
    public IReadOnlyList<CursorEntry> Entries(Wanted wanted, bool skipsBarren)
    {
        _entries.Clear();
        _barren.Clear();
        Visit(root, levels, 0, Rights.All, [root], wanted, skipsBarren);
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
            ulong at = address + ((ulong)index << shift);
            Rights along = rights & entry.Rights;
            var shown = new CursorEntry(
                new(at), level, entry.Kind, TableReach.NoTable, Rights.None, raw, new(entryAddress), default, shift);
            if (entry.Kind == EntryKind.Leaf)
            {
                if (wanted.HasFlag(Wanted.Leaves))
                {
                    found = true;
                    _entries.Add(shown with { Rights = along, Output = new(entry.OutputAddress!.Value) });
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
                if (reach == TableReach.Readable && !(skipsBarren && _barren.Contains((next, level - 1))))
                {
                    found |= Visit(next, level - 1, at, along, [.. path, next], wanted, skipsBarren);
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
}
