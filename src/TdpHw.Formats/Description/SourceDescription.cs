namespace TdpHw.Formats;

/// <summary>A document that a definition cites.</summary>
/// <param name="Key">The short name that rules cite it by.</param>
/// <param name="Title">Which document, and which part of it.</param>
public sealed record SourceDescription(string Key, string Title);
