namespace TdpHw.Formats;

/// <summary>A depth of walk that a format has under some capabilities.</summary>
/// <param name="Shape">How deep and how wide it is.</param>
/// <param name="Condition">The capabilities that allow it.</param>
public sealed record WalkDescription(WalkShape Shape, CapabilityCondition Condition);
