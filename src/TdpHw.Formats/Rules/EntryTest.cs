using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// One condition on an entry, the form that every rule of a definition is compiled to:
/// the bits in <paramref name="Mask"/> equal <paramref name="Value"/>, and, unless <paramref name="Any"/> is 0,
/// some bit in it differs from <paramref name="Flip"/>.
/// </summary>
/// <param name="Mask">Bits that are compared.</param>
/// <param name="Value">What they must equal.</param>
/// <param name="Any">Bits of which at least one must differ from <paramref name="Flip"/>; 0 asks for nothing.</param>
/// <param name="Flip">The value that a bit in <paramref name="Any"/> must differ from: 0 for "is set".</param>
public readonly record struct EntryTest(ulong Mask, ulong Value, ulong Any = 0, ulong Flip = 0)
{
    /// <summary>A test that every entry passes.</summary>
    public static EntryTest Always => default;

    /// <summary>A test that no entry passes.</summary>
    public static EntryTest Never => new(0, 1);

    /// <summary>A test that an entry passes with one of some bits set; none passes where there are no such bits.</summary>
    public static EntryTest AnyOf(ulong bits) => bits == 0 ? Never : new(0, 0, bits);

    /// <summary>The bits that it looks at.</summary>
    internal ulong Bits => Mask | Any;

    /// <summary>Whether <paramref name="entry"/> passes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(ulong entry) =>
        (entry & Mask) == Value && (Any == 0 || ((entry ^ Flip) & Any) != 0);
}
