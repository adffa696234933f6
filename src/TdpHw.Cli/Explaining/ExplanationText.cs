using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Writes explanations for people: the verdict, then the picture of the entry, then what is odd about it.</summary>
internal static class ExplanationText
{
    /// <summary>Writes one.</summary>
    public static void Write(Utf8Output output, Explanation explanation)
    {
        DecodedEntry entry = explanation.Entry;
        string entryName = explanation.Format.Levels[entry.Level - 1].EntryName;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{explanation.Format.Id} level {entry.Level} ({entryName}), entry 0x{entry.Raw:x}: {Sentence(explanation)}"));
        TextTable.Write(output, [.. entry.Fields.Select(Cells)], 2, 0, 3);
        WriteReserved(output, explanation);
        foreach (IllegalRuleDescription rule in entry.Illegal)
        {
            output.WriteLine($"  illegal: {rule.Name}: {rule.Summary}{CitationText.Behind(rule.Source)}");
        }

        WriteBits(output, "should be zero, does not fault", entry.Res0Bits);
        WriteBits(output, "ignored by the hardware", explanation.IgnoredBits);
        WriteSoftware(output, explanation);
    }

    private static string Sentence(Explanation explanation)
    {
        DecodedEntry entry = explanation.Entry;
        string memoryType = explanation.MemoryType is string type ? $", {type}" : "";
        string refused = explanation.Format.MalformedWord is string word ? $" ({word})" : "";
        return entry.Kind switch
        {
            EntryKind.Leaf =>
                $"mapped, a page of {HumanSize.Of(entry.PageSize!.Value)} at {entry.Output}, {entry.Rights.ToListing()}{memoryType}",
            EntryKind.Table => $"table, the next one is at {entry.Output}, {entry.Rights.ToListing()}",
            EntryKind.ReservedBitSet =>
                $"reserved{refused}, {BitText.Named(entry.ReservedBits)} must be zero",
            EntryKind.IllegalEncoding => $"illegal{refused}, {string.Join("; ", entry.Illegal.Select(r => r.Summary))}",
            _ => "not-present",
        };
    }

    private static string[] Cells(DecodedField decoded) =>
    [
        BitText.Of(decoded.Field.Bits),
        decoded.Field.Symbol,
        FieldNames.Of(decoded.Field),
        FieldNames.ToText(decoded.Field, decoded.Value),
        decoded.Field.Summary,
    ];

    private static string[] Cells(DecodedField decoded, ChosenOverlay overlay)
    {
        string[] cells = Cells(decoded);
        if (decoded.Field.Displacement is { } displacement && overlay.WidthOf(decoded.Field) is null)
        {
            cells[^1] += $"; as stored; --set {displacement.Capability}=N puts it back in its place";
        }

        return cells;
    }

    private static void WriteReserved(Utf8Output output, Explanation explanation)
    {
        foreach (ReservedCause cause in ReservedCause.Of(explanation.Format, explanation.Capabilities, explanation.Entry))
        {
            output.WriteLine(
                $"  reserved: {BitText.Of(cause.Bits)}{(cause.Why.Length == 0 ? "" : $", {cause.Why}")}{CitationText.Behind(cause.Source)}");
        }
    }

    private static void WriteBits(Utf8Output output, string what, ulong bits)
    {
        if (bits != 0)
        {
            output.WriteLine($"  set, {what}: {BitText.Of(bits)}");
        }
    }

    private static void WriteSoftware(Utf8Output output, Explanation explanation)
    {
        if (explanation.Overlay is not { } overlay || (explanation.Software is null && explanation.SoftwareFields.IsEmpty))
        {
            return;
        }

        string meaning = explanation.Meaning is { } known ? $"{known.Name}: {known.Summary}{CitationText.Behind(known.Source)}"
            : explanation.Software ?? "";
        output.WriteLine($"to {overlay.Id}{(meaning.Length == 0 ? "" : $", {meaning}")}");
        TextTable.Write(output, [.. explanation.SoftwareFields.Select(f => Cells(f, overlay))], 2, 0, 3);
    }
}
