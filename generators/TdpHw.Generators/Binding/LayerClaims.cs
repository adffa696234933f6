using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>
/// What the layers of a definition leave to each other: a row of an upper layer takes its bits, at its levels and layouts, from
/// the rows of those below, whether it has a condition or not. Within one layer two claims of a bit remain an error.
/// </summary>
internal sealed class LayerClaims(IReadOnlyList<LayerClaim> claims, IReadOnlyList<string> levelNames, DiagnosticBag diagnostics)
{
    private static readonly EntryLayouts[] Layouts = [EntryLayouts.Leaf, EntryLayouts.Table];

    /// <summary>Whether a claim was refused. What it and its field overlap in is then no news.</summary>
    public bool HasRefused { get; private set; }

    /// <summary>What is left of a field; null when nothing is.</summary>
    public FieldSpec? Left(FieldSpec field, Node at)
    {
        int depth = at.Span.Depth;
        uint levels = 0;
        EntryLayouts layouts = EntryLayouts.None;
        var taken = new List<(int Level, EntryLayouts Layout)>();
        foreach ((int level, EntryLayouts layout) in Places(field.Levels, field.Layouts))
        {
            ulong bits = Taken(depth, level, layout) & field.Mask;
            if (bits == 0)
            {
                levels |= 1u << level;
                layouts |= layout;
            }
            else if (bits == field.Mask)
            {
                taken.Add((level, layout));
            }
            else
            {
                return Refuse(field, at, bits, level, layout);
            }
        }

        if (taken.Count == 0)
        {
            return field;
        }

        // A field has levels and layouts, not some layouts at some levels and others at others.
        foreach ((int level, EntryLayouts layout) in taken.Where(t => (levels >> t.Level & 1) != 0 && (layouts & t.Layout) != 0))
        {
            return Refuse(field, at, field.Mask, level, layout);
        }

        return levels == 0 ? null : field with { Levels = levels, Layouts = layouts | (field.Layouts & EntryLayouts.NotPresent) };
    }

    /// <summary>What is left of a rule of bits, as one rule for each set of bits.</summary>
    public IEnumerable<BitRuleSpec> Left(BitRuleSpec rule, Node at)
    {
        ulong all = rule.Bits.Mask();
        var left = Places(rule.Levels, rule.Layouts)
            .Select(p => (p.Level, p.Layout, Bits: all & ~Taken(at.Span.Depth, p.Level, p.Layout)))
            .ToList();
        if (left.All(p => p.Bits == all))
        {
            return [rule];
        }

        return left
            .Where(p => p.Bits != 0)
            .GroupBy(p => (p.Level, p.Bits))
            .Select(g => (g.Key.Level, g.Key.Bits, Layouts: g.Aggregate(EntryLayouts.None, (layouts, p) => layouts | p.Layout)))
            .GroupBy(p => (p.Bits, p.Layouts))
            .Select(g => rule with
            {
                Bits = g.Key.Bits == all ? rule.Bits : BitSpans.FromMask(g.Key.Bits).ToEquatableArray(),
                Levels = g.Aggregate(0u, (levels, p) => levels | 1u << p.Level),
                Layouts = g.Key.Layouts,
            });
    }

    private ulong Taken(int depth, int level, EntryLayouts layout) => claims
        .Where(c => c.IsAbove(depth) && c.AppliesTo(level, layout))
        .Aggregate(0ul, (bits, c) => bits | c.Bits);

    private IEnumerable<(int Level, EntryLayouts Layout)> Places(uint levels, EntryLayouts layouts) =>
        from level in Enumerable.Range(1, levelNames.Count)
        where (levels >> level & 1) != 0
        from layout in Layouts
        where (layouts & layout) != 0
        select (level, layout);

    private FieldSpec Refuse(FieldSpec field, Node at, ulong bits, int level, EntryLayouts layout)
    {
        HasRefused = true;
        LayerClaim by = claims.First(c => c.IsAbove(at.Span.Depth) && c.AppliesTo(level, layout) && (c.Bits & bits) != 0);
        diagnostics.Add(
            DiagnosticCatalog.PartOfBaseField,
            by.At,
            BitSpans.Sentence(by.Bits & bits),
            BitAccounting.PlaceOf(levelNames, level, layout),
            field.Name,
            DefinitionScope.LineOf(at));
        return field;
    }
}
