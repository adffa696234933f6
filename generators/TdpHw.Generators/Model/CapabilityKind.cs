namespace TdpHw.Generators.Model;

/// <summary>What values a capability takes.</summary>
internal enum CapabilityKind
{
    Flag,
    Width,
    OptionalWidth,
}
