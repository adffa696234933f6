namespace TdpHw.Formats;

/// <summary>A level of a format.</summary>
/// <param name="Level">The level, counted from 1 (the level of the smallest page).</param>
/// <param name="EntryName">What the manual calls an entry at this level.</param>
/// <param name="ManualLevel">The number that the manual gives the level, where it numbers them its own way.</param>
public sealed record LevelDescription(int Level, string EntryName, int? ManualLevel = null);
