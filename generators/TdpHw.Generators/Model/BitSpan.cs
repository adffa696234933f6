namespace TdpHw.Generators.Model;

/// <summary>Bits <paramref name="High"/> down to <paramref name="Low"/> of a word.</summary>
internal readonly record struct BitSpan(int High, int Low)
{
    public int Width => High - Low + 1;

    /// <summary>The bits, set; for words of up to 64 bits.</summary>
    public ulong Mask => (ulong.MaxValue >> (63 - High)) & (ulong.MaxValue << Low);

    public override string ToString() => High == Low ? $"{High}" : $"{High}:{Low}";
}
