using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>
/// What the entries of a level usually are, as far as literal bits tell: a page of the level's size, or a table of the level below.
/// </summary>
internal sealed class UsualLayouts
{
    private UsualLayouts(Selector? leaf, Selector? table, bool areAll, IReadOnlyList<IllegalSpec> illegal)
    {
        Leaf = leaf;
        Table = table;
        AreAll = areAll;
        Illegal = illegal;
    }

    /// <summary>What selects the leaf; null where there is none.</summary>
    public Selector? Leaf { get; }

    /// <summary>What selects the table; null where there is none. No bits where all other entries are tables.</summary>
    public Selector? Table { get; }

    /// <summary>Whether there are no other entries.</summary>
    public bool AreAll { get; }

    /// <summary>The rules that can refuse one of the two.</summary>
    public IReadOnlyList<IllegalSpec> Illegal { get; }

    /// <summary>The usual entries of a level; null where no literal bits tell them from others.</summary>
    public static UsualLayouts? Of(LevelSpec level)
    {
        if (!level.Leaf.All(r => r.When.IsAlways && r.Test.IsConstant && r.Test.Any.Count == 0))
        {
            return null;
        }

        return level.NextLevel != 0 ? OfNextLevel(level)
            : level.Leaf.Count <= 1 && level.CodedAddress.IsEmpty && (level.Level > 1 || !level.HasTable) ? OfOneLeaf(level)
            : null;
    }

    private static UsualLayouts OfOneLeaf(LevelSpec level)
    {
        Selector all = default;
        Selector? leaf = !level.HasLeaf ? null : level.HasTable ? SelectorOf(level.Leaf[0]) : all;
        return new UsualLayouts(leaf, level.HasTable ? all : null, areAll: true, level.Illegal);
    }

    /// <summary>Those of a level whose entries say which level they lead to.</summary>
    private static UsualLayouts? OfNextLevel(LevelSpec level)
    {
        LeafSpec? first = level.Leaf.Count == 0 ? null : level.Leaf[0];
        Selector? leaf = first is { Size: PageSizeCode.Level, Supported.IsAlways: true } ? SelectorOf(first) : null;
        if (leaf is Selector page && level.Illegal.Any(i => AlwaysRefuses(i, EntryLayouts.Leaf, page)))
        {
            leaf = null;
        }

        ulong lowest = level.NextLevel & (~level.NextLevel + 1);
        Selector? table = level.Level == 1 ? null : new Selector(level.NextLevel, (ulong)(level.Level - 1) * lowest);
        if ((leaf ?? table) is null || (table is Selector below && !level.Leaf.All(r => below.RulesOut(r.Test))))
        {
            return null;
        }

        IllegalSpec[] illegal =
            [.. level.Illegal.Where(i => CanRefuse(i, EntryLayouts.Leaf, leaf) || CanRefuse(i, EntryLayouts.Table, table))];
        return new UsualLayouts(leaf, table, areAll: false, illegal);
    }

    /// <summary>Whether a rule refuses all entries of a layout that these bits select.</summary>
    public static bool AlwaysRefuses(IllegalSpec rule, EntryLayouts layout, Selector selector) =>
        (rule.Layouts & layout) != 0 && rule.When.IsAlways && selector.Implies(rule.Test);

    private static bool CanRefuse(IllegalSpec rule, EntryLayouts layout, Selector? selector) =>
        (rule.Layouts & layout) != 0 && selector is Selector usual && !usual.RulesOut(rule.Test);

    private static Selector SelectorOf(LeafSpec leaf) => new(leaf.Test.Mask, leaf.Test.Value);
}
