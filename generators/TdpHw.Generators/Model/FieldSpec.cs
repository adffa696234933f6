namespace TdpHw.Generators.Model;

/// <summary>A field of an entry.</summary>
/// <param name="Bits">Its bits; none when a capability says where its one bit is.</param>
/// <param name="Levels">A bit for each level, by number.</param>
/// <param name="Position">The capability that says where its one bit is; null when <paramref name="Bits"/> do.</param>
internal sealed record FieldSpec(
    string Name,
    string Symbol,
    EquatableArray<BitSpan> Bits,
    uint Levels,
    EntryLayouts Layouts,
    ConditionSpec When,
    FieldRole Role,
    string? Enum,
    string Doc,
    string Cite,
    string? Position = null)
{
    public ulong Mask => Bits.Mask();

    public bool AppliesTo(int level, EntryLayouts layout) => (Levels >> level & 1) != 0 && (Layouts & layout) != 0;
}
