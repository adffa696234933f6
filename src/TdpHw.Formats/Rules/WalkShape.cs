namespace TdpHw.Formats;

/// <summary>A depth of walk that a format knows.</summary>
/// <param name="Levels">How many levels the walk has; the root table is at this level.</param>
/// <param name="InputBits">How wide the addresses are that it translates.</param>
public readonly record struct WalkShape(int Levels, int InputBits);
