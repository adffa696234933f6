using Spectre.Console;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Overview;

/// <summary>
/// Draws an overview on a terminal. The only place that touches the drawing library: loading it costs as much time as the
/// rest of a short run.
/// </summary>
internal static class OverviewConsole
{
    /// <summary>Draws it.</summary>
    public static void Write(Terminal terminal, ImageOverview overview)
    {
        using var text = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.UseColor ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.UseColor ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = terminal.Width;
        Grid head = new Grid().AddColumn().AddColumn();
        foreach ((string name, string value) in OverviewLines.Head(overview))
        {
            head.AddRow(new Text(name, new Style(decoration: Decoration.Dim)), new Text(value));
        }

        console.Write(head);
        foreach (RootOverview root in overview.Roots)
        {
            Write(console, overview, root);
        }

        terminal.Output.Write(text.ToString());
    }

    private static void Write(IAnsiConsole console, ImageOverview overview, RootOverview root)
    {
        console.WriteLine();
        console.Write(new Text(OverviewLines.Title(root) + "\n", new Style(decoration: Decoration.Bold)));
        if (root.Counts is not { } counts)
        {
            console.Write(new Text("the root table is not in memory\n", new Style(Color.Red)));
            return;
        }

        console.Write(Counts(overview, counts));
        if (!root.Ranges.IsEmpty)
        {
            console.Write(Ranges(overview, root));
        }

        if (OverviewLines.MoreRanges(root) is string more)
        {
            console.Write(new Text(more + "\n", new Style(decoration: Decoration.Dim)));
        }

        foreach (SpecialCount special in root.Specials)
        {
            console.Write(new Text(OverviewLines.Special(special) + "\n", new Style(Color.Yellow)));
        }
    }

    private static Table Counts(ImageOverview overview, TreeCounts counts)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (string name in OverviewLines.CountNames)
        {
            table.AddColumn(new TableColumn(new Text(name)).RightAligned());
        }

        foreach (string[] row in OverviewLines.CountRows(overview.Format, counts))
        {
            table.AddRow(row.Select(c => new Text(c, c == "0" ? new Style(decoration: Decoration.Dim) : Style.Plain)));
        }

        return table;
    }

    private static Table Ranges(ImageOverview overview, RootOverview root)
    {
        var memoryTypes = new MemoryTypeNames(overview.Format);
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn(new TableColumn(new Text(overview.Format.InputName)).RightAligned());
        table.AddColumn(new TableColumn(new Text("HPA")).RightAligned());
        table.AddColumn(new TableColumn(new Text("size")).RightAligned());
        table.AddColumn(new TableColumn(new Text("rights")));
        table.AddColumn(new TableColumn(new Text("type")));
        foreach (MappedRange range in root.Ranges)
        {
            table.AddRow(OverviewLines.Cells(range, memoryTypes).Select(c => new Text(c)));
        }

        return table;
    }
}
