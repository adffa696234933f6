namespace TdpHw.Generators.Model;

/// <summary>One test of a refused combination.</summary>
/// <param name="Name">Index of the rule among the format's illegal rules.</param>
internal sealed record IllegalSpec(TestSpec Test, ConditionSpec When, EntryLayouts Layouts, int Name);
