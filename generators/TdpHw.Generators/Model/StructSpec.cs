namespace TdpHw.Generators.Model;

/// <summary>A C struct.</summary>
internal sealed record StructSpec(
    string Name,
    string Id,
    string Doc,
    string Cite,
    EquatableArray<SourceSpec> Sources,
    EquatableArray<EnumSpec> Enums,
    int Size,
    EquatableArray<StructMemberSpec> Members) : DefinitionSpec(Name, Id, Doc, Cite, Sources, Enums);
