namespace TdpHw.Generators.Model;

/// <summary>A field or view of a register.</summary>
/// <param name="Plus">What the value is more than what the bits say.</param>
/// <param name="Times">What the bits are multiplied by.</param>
internal sealed record RegisterMemberSpec(
    string Name,
    string Symbol,
    EquatableArray<BitSpan> Bits,
    int Plus,
    int Times,
    string? Enum,
    bool IsAddress,
    bool IsView,
    string Doc,
    string Cite);
