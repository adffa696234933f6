namespace TdpHw.Generators.Model;

/// <summary>One way in which a software uses a format.</summary>
internal sealed record OverlayVariantSpec(
    string Id,
    string Name,
    string Doc,
    ulong Zero,
    EquatableArray<FieldSpec> Fields,
    EquatableArray<EncodingSpec> Encodings,
    EquatableArray<ulong> EmptyValues);
