namespace TdpHw.Generators.Model;

/// <summary>A capability of the hardware.</summary>
internal sealed record CapabilitySpec(
    string Name,
    string Property,
    CapabilityKind Kind,
    int Minimum,
    int Maximum,
    int? Default,
    RegisterFieldReference? From,
    string Doc,
    string Cite);
