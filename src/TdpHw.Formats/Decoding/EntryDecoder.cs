using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>Takes one entry apart: for people and tools, not for hot paths.</summary>
public static class EntryDecoder
{
    /// <summary>Says all there is to say of <paramref name="raw"/> at <paramref name="level"/>.</summary>
    /// <typeparam name="TFormat">The entry's format.</typeparam>
    /// <param name="rules">The format's rules on the machine that the entry comes from.</param>
    /// <param name="level">The level of the table that holds the entry, counted from 1.</param>
    /// <param name="raw">The entry.</param>
    /// <exception cref="ArgumentOutOfRangeException">The format has no such level.</exception>
    public static DecodedEntry Decode<TFormat>(FormatRules<TFormat> rules, int level, ulong raw)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, rules.MaxLevel);
        FormatDescription description = TFormat.Description;
        LevelRules levelRules = rules[level];
        EntryLayout layout = levelRules.LayoutOf(raw);
        bool isPresent = layout != EntryLayout.NotPresent;
        bool isLeaf = layout == EntryLayout.Leaf;
        ulong address = !isLeaf ? levelRules.TableAddress
            : levelRules.PageShiftOf(raw) == levelRules.Shift ? levelRules.LeafAddress
            : levelRules.CodedAddress;
        int memoryType = isLeaf ? levelRules.MemoryTypeOf(raw) : -1;
        return new DecodedEntry
        {
            Raw = raw,
            Level = level,
            Kind = levelRules.KindOf(raw),
            Layout = layout,
            Fields =
            [
                .. description.Fields
                    .Where(f => f.AppliesTo(level, layout) && f.Condition.Holds(rules.Capabilities))
                    .Select(f => f.On(rules.Capabilities))
                    .Select(f => new DecodedField(f, f.Role == FieldRole.Address ? raw & address : f.Extract(raw))),
            ],
            Output = isPresent
                ? new HostPhysicalAddress(isLeaf ? levelRules.PageOf(raw) : levelRules.TableOf(raw))
                : null,
            PageSize = isLeaf ? 1ul << levelRules.PageShiftOf(raw) : null,
            Rights = isPresent ? levelRules.RightsOf(raw) & ~(isLeaf ? Rights.None : levelRules.GrantedByTables) : Rights.None,
            MemoryType = memoryType < 0 ? null : memoryType,
            ReservedBits = raw & levelRules.ReservedIn(layout),
            Res0Bits = raw & layout switch
            {
                EntryLayout.Leaf => levelRules.LeafRes0,
                EntryLayout.NotPresent => 0,
                _ => levelRules.TableRes0,
            },
            Illegal = FindIllegal(description, levelRules, layout, raw),
        };
    }

    private static ImmutableArray<IllegalRuleDescription> FindIllegal(
        FormatDescription description, LevelRules rules, EntryLayout layout, ulong raw) =>
    [
        .. rules.Illegal
            .Where(r => (r.AppliesTo & layout) != 0 && r.Test.Matches(raw))
            .Select(r => r.NameIndex)
            .Distinct()
            .Order()
            .Select(i => description.IllegalRules[i]),
    ];
}
