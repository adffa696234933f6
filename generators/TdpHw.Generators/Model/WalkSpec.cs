namespace TdpHw.Generators.Model;

/// <summary>A depth of walk.</summary>
/// <param name="InputBits">How wide the addresses are; the most where a capability says it.</param>
/// <param name="LeastInputBits">The least width that the walk is there for.</param>
/// <param name="InputFrom">The property of the capability that says the width; null when it is always the same.</param>
internal sealed record WalkSpec(
    int Levels, int InputBits, ConditionSpec When, string Cite, int LeastInputBits, string? InputFrom = null);
