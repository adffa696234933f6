using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>
/// Places where a listing could not go on: tables that are not in memory or on their own path. The first ones are told one
/// by one, the rest as a number: a broken image has millions.
/// </summary>
/// <param name="terminal">Where they are told.</param>
internal sealed class Findings(Terminal terminal)
{
    private const int ToldOneByOne = 10;

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>The exit code that they make.</summary>
    public int Exit => Count == 0 ? ExitCode.Done : ExitCode.Finding;

    /// <summary>Notes that a root table is not in memory.</summary>
    public void AddMissingRoot(string root)
    {
        if (IsTold())
        {
            terminal.Report($"root {root}: the table is not in memory");
        }
    }

    /// <summary>Notes a table entry if what it points to can't be gone into.</summary>
    public void Add(in CursorEntry entry)
    {
        if (entry.Reach is not (TableReach.NotInMemory or TableReach.Cycle) || !IsTold())
        {
            return;
        }

        string what = entry.Reach == TableReach.Cycle ? "is on its own path: a cycle" : "is not in memory";
        terminal.Report(string.Create(
            CultureInfo.InvariantCulture,
            $"{entry.Address}: table {entry.Output} {what} (level {entry.Level}, entry 0x{entry.Entry:x} at {entry.EntryAddress})"));
    }

    /// <summary>Tells how many were not told one by one.</summary>
    public void TellRest()
    {
        if (Count > ToldOneByOne)
        {
            terminal.Report(string.Create(
                CultureInfo.InvariantCulture,
                $"{Count} tables in all are not in memory or on their own path; the first {ToldOneByOne} are listed"));
        }
    }

    private bool IsTold() => ++Count <= ToldOneByOne;
}
