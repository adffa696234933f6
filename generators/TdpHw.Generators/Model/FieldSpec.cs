namespace TdpHw.Generators.Model;

/// <summary>A field of an entry.</summary>
/// <param name="Levels">A bit for each level, by number.</param>
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
    string Cite)
{
    public ulong Mask => Bits.Mask();

    public bool AppliesTo(int level, EntryLayouts layout) => (Levels >> level & 1) != 0 && (Layouts & layout) != 0;
}
