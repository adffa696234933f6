using System.Globalization;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>Describes a format for people.</summary>
internal static class FormatText
{
    /// <summary>Writes the description.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="format">The format.</param>
    /// <param name="isDrawn">Whether each layout is drawn before its bits are listed.</param>
    public static void Write(Utf8Output output, FormatDescription format, bool isDrawn = false)
    {
        output.WriteLine($"{format.Id}: {format.Summary}");
        string extended = format.IsInputSignExtended ? ", sign-extended" : "";
        string required = format.RequiredRights == 0 ? "" : $"; every access needs: {format.RequiredRights.ToString().ToLowerInvariant()}";
        output.WriteLine($"translates {format.InputName}{extended}; smallest page {HumanSize.Of(1ul << format.PageShift)}{required}");
        Section(output, "levels", format.Levels.Reverse().Select(Level));
        Section(output, "walks", format.Walks.Select(w => Walk(format, w)));
        Section(output, "capabilities (name, values, default, meaning, source)", format.Capabilities.Select(Capability));
        foreach (LayoutPicture picture in LayoutPicture.Drawn(format))
        {
            if (isDrawn)
            {
                Draw(output, picture);
            }

            Section(output, $"bits: {picture.Title}", picture.Rows.Select(Row), 0);
        }

        Section(output, "refused combinations", format.IllegalRules.Select(r => new[] { r.Name, r.Summary, Cited(r.Source) }));
        Section(output, "windows of addresses", format.Windows.Select(Window));
        if (format.MemoryTypes is EnumDescription types)
        {
            Section(output, "memory types", types.Members.Select(m => new[] { $"{m.Value}", m.Name, m.Summary }));
        }

        foreach (OverlayDescription overlay in FormatRegistry.Overlays.Where(o => o.FormatId == format.Id))
        {
            string standard = overlay.IsDefault ? " (used when none is named)" : "";
            Section(
                output,
                $"overlay {overlay.Id}{standard}: {overlay.Summary}",
                overlay.Variants.Select(v => new[] { $"{overlay.Id}:{v.Id}", v.Summary }));
            Section(
                output,
                $"capabilities of {overlay.Id} (name, values, default, meaning, source)",
                overlay.Capabilities.Select(Capability));
            if (!overlay.KeptOff.IsEmpty)
            {
                output.WriteLine();
                output.WriteLine($"{overlay.Id} is not used where the hardware has {string.Join(" or ", overlay.KeptOff)}");
            }
        }

        Section(output, "sources", format.Sources.Select(s => new[] { s.Key, s.Title }));
    }

    private static void Draw(Utf8Output output, LayoutPicture picture)
    {
        output.WriteLine();
        output.WriteLine(picture.Title);
        foreach (string line in LayoutDrawing.Of(picture))
        {
            output.WriteLine($"  {line}");
        }
    }

    private static void Section(
        Utf8Output output, string title, IEnumerable<string[]> rows, params ReadOnlySpan<int> rightAligned)
    {
        string[][] all = [.. rows];
        if (all.Length != 0)
        {
            output.WriteLine();
            output.WriteLine(title);
            TextTable.Write(output, all, 2, rightAligned);
        }
    }

    private static string[] Level(LevelDescription level) =>
    [
        level.Level.ToString(CultureInfo.InvariantCulture),
        level.EntryName,
        level.ManualLevel is int manual ? string.Create(CultureInfo.InvariantCulture, $"level {manual} in the manual") : "",
    ];

    private static string[] Walk(FormatDescription format, WalkDescription walk) =>
    [
        CountText.Of(walk.Shape.Levels, "level", "levels"),
        walk.InputFrom is string width
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{walk.LeastInputBits}- to {walk.Shape.InputBits}-bit {format.InputName}, as wide as {width}")
            : string.Create(CultureInfo.InvariantCulture, $"{walk.Shape.InputBits}-bit {format.InputName}"),
        ConditionText.Of(walk.Condition, format.Capabilities),
    ];

    private static string[] Capability(CapabilityDescription capability) =>
    [
        capability.Name,
        CapabilitySetting.Takes(capability),
        CapabilitySummary.ToText(capability.Kind, capability.Default),
        capability.Summary,
        Cited(capability.From is { } from
            ? string.Join("; ", new[] { $"{from.RegisterNames[0]} {BitText.Named(from.Mask)}", capability.Source }.Where(s => s.Length != 0))
            : capability.Source),
    ];

    private static string[] Window(AddressWindow window) =>
    [
        window.Name,
        $"{HexText.Of(window.First)} to {HexText.Of(window.Last)}",
        string.Join(
            "; ",
            ((string[])
            [
                window.IsInputBypassed ? "requests here never reach the tables" : "",
                window.IsOutputBlocked ? "translations into it are refused" : "",
            ]).Where(w => w.Length != 0)),
        window.Summary,
        Cited(window.Source),
    ];

    private static string[] Row(LayoutRow row) =>
        [row.Place, row.Symbol, row.Name, row.Condition, row.Summary, Cited(row.Source)];

    private static string Cited(string source) => source.Length == 0 ? "" : $"[{source}]";
}
