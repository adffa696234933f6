using System.Collections.Immutable;
using System.Numerics;

namespace TdpHw.Formats;

/// <summary>The field of a hardware register that says what a capability is.</summary>
/// <param name="RegisterNames">The names that the register goes by, the shortest one first.</param>
/// <param name="Mask">The field's bits in the register.</param>
public sealed record RegisterField(ImmutableArray<string> RegisterNames, ulong Mask)
{
    /// <summary>The field's value in a register that reads <paramref name="raw"/>.</summary>
    public int Read(ulong raw) => (int)((raw & Mask) >> BitOperations.TrailingZeroCount(Mask));
}
