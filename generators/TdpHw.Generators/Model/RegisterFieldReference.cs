namespace TdpHw.Generators.Model;

/// <summary>A field of a register, found by name: the register's names and the field's bits.</summary>
internal sealed record RegisterFieldReference(EquatableArray<string> RegisterNames, ulong Mask);
