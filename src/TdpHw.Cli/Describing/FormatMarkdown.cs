using System.Globalization;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>Describes a format for documents.</summary>
internal static class FormatMarkdown
{
    /// <summary>Writes the description as a document of its own.</summary>
    public static void Write(Utf8Output output, FormatDescription format)
    {
        output.WriteLine($"# {format.Id}: {Escaped(format.Summary)}");
        output.WriteLine();
        output.WriteLine($"Translates {format.InputName}; the smallest page has {HumanSize.Of(1ul << format.PageShift)}.");
        Table(output, "Walks", ["levels", "input", "condition"], format.Walks.Select(w => new[]
        {
            w.Shape.Levels.ToString(CultureInfo.InvariantCulture),
            w.InputFrom is string width
                ? string.Create(CultureInfo.InvariantCulture, $"{w.LeastInputBits} to {w.Shape.InputBits} bits, as wide as {width}")
                : string.Create(CultureInfo.InvariantCulture, $"{w.Shape.InputBits} bits"),
            ConditionText.Of(w.Condition, format.Capabilities),
        }));
        Table(output, "Capabilities", ["name", "values", "default", "meaning", "source"], format.Capabilities.Select(c => new[]
        {
            $"`{c.Name}`",
            CapabilitySetting.Takes(c),
            CapabilitySummary.ToText(c.Kind, c.Default),
            c.Summary,
            c.Source,
        }));
        foreach (LayoutPicture picture in LayoutPicture.Drawn(format))
        {
            Write(output, format, picture);
        }

        Table(output, "Refused combinations", ["name", "meaning", "source"], format.IllegalRules.Select(r => new[]
        {
            $"`{r.Name}`", r.Summary, r.Source,
        }));
        Table(output, "Windows of addresses", ["name", "first", "last", "meaning", "source"], format.Windows.Select(w => new[]
        {
            w.Name, HexText.Of(w.First), HexText.Of(w.Last), w.Summary, w.Source,
        }));
        Table(output, "Memory types", ["value", "name", "meaning"], (format.MemoryTypes?.Members ?? []).Select(m => new[]
        {
            m.Value.ToString(CultureInfo.InvariantCulture), m.Name, m.Summary,
        }));
    }

    private static void Write(Utf8Output output, FormatDescription format, LayoutPicture picture)
    {
        string names = string.Join(", ", picture.Levels.Reverse().Select(l => format.Levels[l - 1].EntryName));
        Heading(output, $"{char.ToUpperInvariant(picture.Title[0])}{picture.Title[1..]} ({names})");
        output.WriteLine("```text");
        foreach (string line in LayoutDrawing.Of(picture))
        {
            output.WriteLine(line);
        }

        output.WriteLine("```");
        output.WriteLine();
        Rows(output, ["bits", "field", "condition", "meaning", "source"], picture.Rows.Select(r => new[]
        {
            r.Place,
            r.Symbol.Length == 0 ? r.Name : $"{r.Symbol}, `{r.Name}`",
            r.Condition,
            r.Summary,
            r.Source,
        }));
    }

    private static void Table(Utf8Output output, string title, string[] columns, IEnumerable<string[]> rows)
    {
        string[][] all = [.. rows];
        if (all.Length != 0)
        {
            Heading(output, title);
            Rows(output, columns, all);
        }
    }

    private static void Heading(Utf8Output output, string title)
    {
        output.WriteLine();
        output.WriteLine($"## {title}");
        output.WriteLine();
    }

    private static void Rows(Utf8Output output, string[] columns, IEnumerable<string[]> rows)
    {
        output.WriteLine($"| {string.Join(" | ", columns)} |");
        output.WriteLine($"|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (string[] row in rows)
        {
            output.WriteLine($"| {string.Join(" | ", row.Select(Escaped))} |");
        }
    }

    private static string Escaped(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
