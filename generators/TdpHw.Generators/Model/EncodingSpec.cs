namespace TdpHw.Generators.Model;

/// <summary>A special entry: one of some values, or all entries with some bits at some value.</summary>
internal sealed record EncodingSpec(
    string Name,
    EquatableArray<ulong> Values,
    ulong Mask,
    ulong Value,
    EquatableArray<EncodingFieldSpec> Fields,
    string Doc,
    string Cite);
