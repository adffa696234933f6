namespace TdpHw.Generators.Model;

/// <summary>How a software uses a format.</summary>
internal sealed record OverlaySpec(
    string Name,
    string Id,
    string Doc,
    string Cite,
    EquatableArray<SourceSpec> Sources,
    EquatableArray<EnumSpec> Enums,
    string BaseName,
    string BaseId,
    bool IsDefault,
    EquatableArray<string> KeptOff,
    EquatableArray<CapabilitySpec> Capabilities,
    EquatableArray<OverlayVariantSpec> Variants) : DefinitionSpec(Name, Id, Doc, Cite, Sources, Enums);
