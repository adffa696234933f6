namespace TdpHw.Formats;

/// <summary>A depth of walk that a format has under some capabilities.</summary>
/// <param name="Shape">How deep and how wide it is; the widest where a capability says the width.</param>
/// <param name="Condition">The capabilities that allow it.</param>
/// <param name="InputFrom">The capability that says how wide it is; null when it is always as wide.</param>
/// <param name="LeastInputBits">The least width that it is there for, where a capability says the width.</param>
public sealed record WalkDescription(
    WalkShape Shape, CapabilityCondition Condition, string? InputFrom = null, int LeastInputBits = 0);
