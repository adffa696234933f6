namespace TdpHw.Generators.Model;

/// <summary>A depth of walk.</summary>
internal sealed record WalkSpec(int Levels, int InputBits, ConditionSpec When, string Cite);
