using System.Globalization;
using TdpHw.Cli.Input;
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

    // One missing table that others share is met once for each way to it. More than this is no list but a broken image,
    // and going through it would take minutes.
    private const long Most = 1L << 22;

    /// <summary>How many there are.</summary>
    public long Count { get; private set; }

    /// <summary>Whether there are so many that it is no use to go on.</summary>
    public bool AreTooMany => Count > Most;

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
                $"{Total} tables are not in memory or on their own path; the first {ToldOneByOne} are listed"));
        }
    }

    /// <summary>What to say when a listing ends because of them.</summary>
    public static InputException TooMany() => new(string.Create(
        CultureInfo.InvariantCulture, $"the listing is cut: more than {Most} tables are not in memory or on their own path"));

    private string Total => AreTooMany
        ? string.Create(CultureInfo.InvariantCulture, $"more than {Most}")
        : string.Create(CultureInfo.InvariantCulture, $"in all, {Count}");

    private bool IsTold() => ++Count <= ToldOneByOne;
}
