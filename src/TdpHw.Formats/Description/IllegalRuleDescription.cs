namespace TdpHw.Formats;

/// <summary>A named combination of bits that a format refuses.</summary>
/// <param name="Name">The rule's name, as answers list it.</param>
/// <param name="Summary">What is refused.</param>
/// <param name="Source">Where that stands.</param>
public sealed record IllegalRuleDescription(string Name, string Summary, string Source);
