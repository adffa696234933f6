namespace TdpHw.Generators.Model;

/// <summary>
/// A definition after binding: what its code is emitted from. It holds no place, line or path, so that text which changes
/// nothing in meaning changes nothing here.
/// </summary>
internal abstract record DefinitionSpec(
    string Name, string Id, string Doc, string Cite, EquatableArray<SourceSpec> Sources, EquatableArray<EnumSpec> Enums);
