using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>
/// Finds which layouts each level of a format knows. That follows from its rules: a level whose entries are always leaves
/// has no table.
/// </summary>
internal readonly struct LayoutFinder : IFormatVisitor<ImmutableArray<LevelLayout>>
{
    /// <inheritdoc/>
    public ImmutableArray<LevelLayout> Visit<TFormat>()
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        FormatRules<TFormat> rules = TFormat.RulesFor(TFormat.Description.DefaultCapabilities);
        ImmutableArray<LevelLayout>.Builder layouts = ImmutableArray.CreateBuilder<LevelLayout>();
        for (int level = 1; level <= rules.MaxLevel; level++)
        {
            if (rules[level].Leaf.Length != 0)
            {
                layouts.Add(LeafLayout<TFormat>(level, rules[level]));
            }

            if (!rules[level].Leaf.Any(r => r.Test == EntryTest.Always))
            {
                layouts.Add(Layout<TFormat>(level, EntryLayout.Table));
            }

            layouts.Add(Layout<TFormat>(level, EntryLayout.NotPresent));
        }

        return layouts.ToImmutable();
    }

    private static LevelLayout LeafLayout<TFormat>(int level, LevelRules usual)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        EntryTest test = usual.Leaf.FirstOrDefault(r => r.Size == PageSizeCode.Level, usual.Leaf[0]).Test;
        ulong leaf = (ulong.MaxValue & ~test.Mask) | test.Value;
        LevelLayout layout = Layout<TFormat>(level, EntryLayout.Leaf);
        if (test.Mask == 0 || usual.LayoutOf(leaf) != EntryLayout.Leaf)
        {
            return layout;
        }

        uint needs = 0;
        ulong refused = 0;
        for (int i = 0; i < TFormat.Description.Capabilities.Length; i++)
        {
            LevelRules without = TFormat.RulesFor(Without(TFormat.Description, 1u << i))[level];
            EntryLayout there = without.LayoutOf(leaf);
            if (there != EntryLayout.Leaf)
            {
                needs |= 1u << i;
                refused |= without.ReservedIn(there);
            }
        }

        return layout with { LeafBits = test.Mask, LeafNeeds = needs, RefusedBits = refused };
    }

    private static LevelLayout Layout<TFormat>(int level, EntryLayout layout)
        where TFormat : struct, IPageTableFormat<TFormat> =>
        new(level, layout, lacking => TFormat.RulesFor(Without(TFormat.Description, lacking))[level].ReservedIn(layout))
        {
            Res0 = layout == EntryLayout.Leaf ? TFormat.RulesFor(TFormat.Description.DefaultCapabilities)[level].LeafRes0 : 0,
        };

    private static CapabilityValues Without(FormatDescription format, uint lacking)
    {
        CapabilityValues values = format.DefaultCapabilities;
        for (int i = 0; i < format.Capabilities.Length; i++)
        {
            if ((lacking >> i & 1) != 0 && format.Capabilities[i].Kind != CapabilityKind.Width)
            {
                values = values.With(
                    format.Capabilities[i].Name, format.Capabilities[i].Kind == CapabilityKind.Flag ? 0 : null);
            }
        }

        return values;
    }
}
