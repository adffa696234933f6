namespace TdpHw.Generators.Model;

/// <summary>Named values.</summary>
/// <param name="Name">The C# type.</param>
/// <param name="Members">The values, the least first.</param>
/// <param name="IsInherited">Whether a base has it, whose type serves here too.</param>
internal sealed record EnumSpec(string Name, EquatableArray<EnumMemberSpec> Members, bool IsInherited);
