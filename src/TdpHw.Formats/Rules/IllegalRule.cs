namespace TdpHw.Formats;

/// <summary>A combination of otherwise allowed bits that the format refuses, at one level.</summary>
/// <param name="Test">What an entry must match to be refused.</param>
/// <param name="AppliesTo">The layouts that the rule judges.</param>
/// <param name="NameIndex">Index of the rule's name in <see cref="FormatDescription.IllegalRules"/>.</param>
public readonly record struct IllegalRule(EntryTest Test, EntryLayout AppliesTo, int NameIndex)
{
    /// <summary>Whether some entry of a layout can match that is like <paramref name="entry"/> in the bits that are known.</summary>
    internal bool CanMatch(ulong entry, EntryLayout layout, ulong known) =>
        (AppliesTo & layout) != 0 && ((entry ^ Test.Value) & Test.Mask & known) == 0;
}
