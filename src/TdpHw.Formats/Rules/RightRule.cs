namespace TdpHw.Formats;

/// <summary>An entry that matches grants a right.</summary>
/// <param name="Right">The right.</param>
/// <param name="Test">What an entry must match.</param>
public readonly record struct RightRule(Rights Right, EntryTest Test);
