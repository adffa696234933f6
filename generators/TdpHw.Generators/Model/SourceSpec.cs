namespace TdpHw.Generators.Model;

/// <summary>A cited document.</summary>
internal sealed record SourceSpec(string Key, string Title);
