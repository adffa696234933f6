using System.Numerics;
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
            ulong belowPage = BelowPage(format, field, entry) & bits;
            if (belowPage != 0)
            {
                yield return new ReservedCause(belowPage, $"{field.Symbol} below the page's size", field.Source);
            }

            if (bits != belowPage)
            {
                yield return new ReservedCause(bits & ~belowPage, $"{field.Symbol} only where the hardware has it", field.Source);
            }
        }

        if (left != 0)
        {
            yield return new ReservedCause(left, "", "");
        }
    }

    /// <summary>Bits of the address that a page of this size has no use for; the lowest bit stands for that of the smallest page.</summary>
    private static ulong BelowPage(FormatDescription format, FieldDescription field, DecodedEntry entry) =>
        field.Role == FieldRole.Address && entry.PageSize is ulong size
            ? field.Mask & ((size >> format.PageShift << BitOperations.TrailingZeroCount(field.Mask)) - 1)
            : 0;

    private static bool IsOffended(BitRuleDescription rule, CapabilityValues capabilities, DecodedEntry entry)
    {
        EntryLayout layouts = entry.Layout == EntryLayout.RefusedLeaf ? EntryLayout.Leaf : entry.Layout;
        return rule.Status == BitStatus.Reserved
            && (rule.Levels >> entry.Level & 1) != 0
            && (rule.Layouts & layouts) != 0
            && rule.Condition.Holds(capabilities);
    }
}
