using System.Collections.Immutable;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Writes explanations for people: the verdict, then the picture of the entry, then what is odd about it.</summary>
internal static class ExplanationText
{
    // Loops and texts piece by piece, where queries and longer interpolations would read better: the types behind those, met for
    // the first time, are a noticeable part of a short run.

    /// <summary>Writes one.</summary>
    public static void Write(Utf8Output output, Explanation explanation)
    {
        DecodedEntry entry = explanation.Entry;
        string entryName = explanation.Format.Levels[entry.Level - 1].EntryName;
        output.Write($"{explanation.Format.Id} level ");
        output.WriteDecimal(entry.Level);
        output.Write($" ({entryName}), entry ");
        output.WriteHex(entry.Raw);
        output.WriteLine($": {Sentence(explanation)}");
        WriteFields(output, entry.Fields, null);
        if (entry.ReservedBits != 0)
        {
            WriteReserved(output, explanation);
        }

        foreach (IllegalRuleDescription rule in entry.Illegal)
        {
            output.Write($"  illegal: {rule.Name}");
            output.WriteLine($": {rule.Summary}{CitationText.Behind(rule.Source)}");
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
            EntryKind.IllegalEncoding => $"illegal{refused}, {Summaries(entry.Illegal)}",
            _ => "not-present",
        };
    }

    private static string Summaries(ImmutableArray<IllegalRuleDescription> rules)
    {
        var summaries = new string[rules.Length];
        for (int i = 0; i < summaries.Length; i++)
        {
            summaries[i] = rules[i].Summary;
        }

        return string.Join("; ", summaries);
    }

    private static void WriteFields(Utf8Output output, ImmutableArray<DecodedField> fields, ChosenOverlay? overlay)
    {
        var rows = new string[fields.Length][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = overlay is null ? Cells(fields[i]) : Cells(fields[i], overlay);
        }

        TextTable.Write(output, rows, 2, 0, 3);
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
        WriteFields(output, explanation.SoftwareFields, overlay);
    }
}
