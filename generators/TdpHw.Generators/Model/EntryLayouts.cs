namespace TdpHw.Generators.Model;

/// <summary>Which layouts of an entry a rule is for.</summary>
[Flags]
internal enum EntryLayouts
{
    None = 0,
    Table = 1,
    Leaf = 2,
    NotPresent = 4,
    Present = Table | Leaf,
}
