namespace TdpHw.Generators.Model;

/// <summary>A named refused combination.</summary>
internal sealed record IllegalRuleSpec(string Name, string Doc, string Cite);
