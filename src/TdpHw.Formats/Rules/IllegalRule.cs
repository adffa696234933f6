namespace TdpHw.Formats;

/// <summary>A combination of otherwise allowed bits that the format refuses, at one level.</summary>
/// <param name="Test">What an entry must match to be refused.</param>
/// <param name="AppliesTo">The layouts that the rule judges.</param>
/// <param name="NameIndex">Index of the rule's name in <see cref="FormatDescription.IllegalRules"/>.</param>
public readonly record struct IllegalRule(EntryTest Test, EntryLayout AppliesTo, int NameIndex);
