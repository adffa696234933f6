namespace TdpHw.Generators.Model;

/// <summary>A page-table format.</summary>
internal sealed record FormatSpec(
    string Name,
    string Id,
    string Doc,
    string Cite,
    EquatableArray<SourceSpec> Sources,
    EquatableArray<EnumSpec> Enums,
    string InputName,
    int PageShift,
    int IndexBits,
    bool IsPermissionFirst,
    string? MalformedWord,
    EquatableArray<WalkSpec> Walks,
    EquatableArray<CapabilitySpec> Capabilities,
    EquatableArray<FieldSpec> Fields,
    EquatableArray<BitRuleSpec> BitRules,
    EquatableArray<IllegalRuleSpec> IllegalRules,
    EquatableArray<WindowSpec> Windows,
    EquatableArray<string> RequiredRights,
    bool IsCanonical,
    string? AddressLimit,
    ulong AddressSpan,
    int AddressShift,
    int HighAddressShift,
    EquatableArray<LevelSpec> Levels) : DefinitionSpec(Name, Id, Doc, Cite, Sources, Enums);
