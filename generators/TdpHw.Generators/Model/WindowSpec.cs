namespace TdpHw.Generators.Model;

/// <summary>A range of addresses that the hardware treats apart from its tables.</summary>
internal sealed record WindowSpec(
    string Name, ulong First, ulong Last, bool IsInputBypassed, bool IsOutputBlocked, string Doc, string Cite);
