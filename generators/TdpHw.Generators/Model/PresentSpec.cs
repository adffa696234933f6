namespace TdpHw.Generators.Model;

/// <summary>An entry that matches is present.</summary>
internal sealed record PresentSpec(TestSpec Test, ConditionSpec When);
