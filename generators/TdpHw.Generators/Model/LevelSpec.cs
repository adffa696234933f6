namespace TdpHw.Generators.Model;

/// <summary>Everything that is true of one level.</summary>
internal sealed record LevelSpec(
    int Level,
    string EntryName,
    int? ManualLevel,
    int Shift,
    bool HasLeaf,
    bool HasTable,
    EquatableArray<PresentSpec> Present,
    EquatableArray<LeafSpec> Leaf,
    EquatableArray<IllegalSpec> Illegal,
    EquatableArray<RightSpec> Rights,
    MaskSpec LeafReserved,
    MaskSpec TableReserved,
    MaskSpec LeafRes0,
    MaskSpec TableRes0,
    MaskSpec LeafIgnored,
    MaskSpec TableIgnored,
    MaskSpec LeafAddress,
    MaskSpec TableAddress,
    MaskSpec CodedAddress,
    MaskSpec HighAddress,
    ulong NextLevel,
    EquatableArray<string> GrantedByTables,
    MaskSpec LeafAccessed,
    MaskSpec TableAccessed,
    MaskSpec LeafDirty,
    MaskSpec LeafMemoryType)
{
    public MaskSpec Ignored(EntryLayouts layout) => layout == EntryLayouts.Leaf ? LeafIgnored : TableIgnored;
}
