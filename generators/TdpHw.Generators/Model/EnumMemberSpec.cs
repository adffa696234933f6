namespace TdpHw.Generators.Model;

/// <summary>A named value.</summary>
internal sealed record EnumMemberSpec(ulong Value, string Name, string Doc);
