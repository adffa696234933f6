namespace TdpHw.Generators.Model;

/// <summary>A hardware register.</summary>
internal sealed record RegisterSpec(
    string Name,
    string Id,
    string Doc,
    string Cite,
    EquatableArray<SourceSpec> Sources,
    EquatableArray<EnumSpec> Enums,
    EquatableArray<string> Aliases,
    int Bits,
    EquatableArray<RegisterMemberSpec> Members,
    EquatableArray<BitSpan> Reserved) : DefinitionSpec(Name, Id, Doc, Cite, Sources, Enums);
