namespace TdpHw.Generators.Model;

/// <summary>The formats and overlays of an assembly, in ordinal order of their ids.</summary>
internal sealed record RegistrySpec(EquatableArray<RegistryEntry> Entries);
