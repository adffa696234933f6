namespace TdpHw.Generators.Model;

/// <summary>A format or overlay as the registry lists it.</summary>
internal sealed record RegistryEntry(string Name, string Id, bool IsOverlay);
