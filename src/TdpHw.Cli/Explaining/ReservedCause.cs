using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Why some set bits of an entry are reserved.</summary>
/// <param name="Bits">The bits.</param>
/// <param name="Why">Beside that they are: for a field's bits, which field; otherwise empty.</param>
/// <param name="Source">Where that stands.</param>
internal sealed record ReservedCause(ulong Bits, string Why, string Source)
{
    /// <summary>The causes, each bit in one.</summary>
    public static IEnumerable<ReservedCause> Of(FormatDescription format, CapabilityValues capabilities, DecodedEntry entry)
    {
        ulong left = entry.ReservedBits;
        foreach (BitRuleDescription rule in format.BitRules.Where(r => IsOffended(r, capabilities, entry)))
        {
            ulong bits = BitText.MaskOf(rule.Bits) & left;
            left &= ~bits;
            if (bits != 0)
            {
                yield return new ReservedCause(bits, "", rule.Source);
            }
        }

        // Bits that no rule lists: the address above the width that the hardware has, or a page size that it lacks.
        foreach (FieldDescription field in format.Fields.Where(f => (f.Mask & entry.ReservedBits) != 0))
        {
            ulong bits = field.Mask & left;
            left &= ~bits;
            if (bits != 0)
            {
                yield return new ReservedCause(bits, $"{field.Symbol} only where the hardware has it", field.Source);
            }
        }

        if (left != 0)
        {
            yield return new ReservedCause(left, "", "");
        }
    }

    private static bool IsOffended(BitRuleDescription rule, CapabilityValues capabilities, DecodedEntry entry)
    {
        EntryLayout layouts = entry.Layout == EntryLayout.RefusedLeaf ? EntryLayout.Leaf : entry.Layout;
        return rule.Status == BitStatus.Reserved
            && (rule.Levels >> entry.Level & 1) != 0
            && (rule.Layouts & layouts) != 0
            && rule.Condition.Holds(capabilities);
    }
}
