namespace TdpHw.Generators.Model;

/// <summary>The named values of a field.</summary>
internal sealed record EnumSpec(string Name, EquatableArray<EnumMemberSpec> Members);
