using TdpHw.Cli.Checking;
using TdpHw.Cli.Output;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Writes the matrix for people: the table, then what each answer depends on.</summary>
internal static class MatrixText
{
    /// <summary>Writes it.</summary>
    public static void Write(Utf8Output output, IReadOnlyList<MatrixPair> pairs)
    {
        FormatDescription[] importers = [.. FormatRegistry.Formats];
        output.WriteLine("Can every table of the exporter (rows) be walked as it is by the importer (columns)?");
        output.WriteLine("if: on machines with the capabilities said below; both have addresses of the same width.");
        output.WriteLine();
        TextTable.Write(output, [["", .. importers.Select(i => i.Id)], .. pairs.GroupBy(p => p.Exporter).Select(row => Row(row, importers))], 0);
        foreach (MatrixPair pair in pairs)
        {
            output.WriteLine();
            output.WriteLine($"{pair.Exporter.Name} to {pair.Importer.Id}: {pair.Verdict}{Conditions(pair)}");
            Write(output, pair.Obstacles, "");
            Write(output, pair.Meanings, ", harmless where the importer's meaning is");
        }
    }

    private static string[] Row(IEnumerable<MatrixPair> row, FormatDescription[] importers)
    {
        MatrixPair[] pairs = [.. row];
        return [pairs[0].Exporter.Name, .. importers.Select(i => pairs.FirstOrDefault(p => p.Importer == i)?.Verdict ?? "-")];
    }

    private static string Conditions(MatrixPair pair)
    {
        string[] settings =
        [
            .. FlagSettings.Changed(pair.ExporterCapabilities).Select(c => $"exporter {Setting(c)}"),
            .. FlagSettings.Changed(pair.ImporterCapabilities).Select(c => $"importer {Setting(c)}"),
        ];
        return settings.Length == 0 ? "" : $", with {string.Join(", ", settings)}";
    }

    private static string Setting((string Name, bool IsOn) change) => $"{change.Name} {(change.IsOn ? "on" : "off")}";

    private static void Write(Utf8Output output, IEnumerable<ShareFinding> findings, string remark)
    {
        foreach (var group in findings.GroupBy(f => f.Code).OrderBy(g => g.Key))
        {
            foreach (var where in group
                .GroupBy(f => (f.Level, f.Kind))
                .Select(g => (g.Key.Level, g.Key.Kind, Bits: g.Aggregate(0ul, (mask, f) => mask | (f.Bit is int bit ? 1ul << bit : 0))))
                .GroupBy(w => (w.Kind, w.Bits))
                .OrderBy(g => g.Key.Kind == EntryLayout.Leaf))
            {
                int[] levels = [.. where.Select(w => w.Level).Order()];
                string bits = where.Key.Bits == 0 ? "" : $" {BitText.Named(where.Key.Bits)}";
                output.WriteLine(
                    $"  {ReasonWords.Of(group.Key)}{bits}: {ReasonWords.Of(where.Key.Kind)}, "
                    + $"{(levels.Length == 1 ? "level" : "levels")} {string.Join(", ", levels)}{remark}");
            }
        }
    }
}
