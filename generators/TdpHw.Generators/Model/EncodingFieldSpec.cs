namespace TdpHw.Generators.Model;

/// <summary>What software keeps in a special entry.</summary>
internal sealed record EncodingFieldSpec(
    string Name, EquatableArray<BitSpan> Bits, DisplacementSpec? Displacement, string Doc, string Cite);
