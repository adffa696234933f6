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
        return Decode(TFormat.Description, rules.Capabilities, rules[level], raw);
    }

    /// <summary>Says all there is to say of <paramref name="raw"/>, for callers that do not know the format's type.</summary>
    /// <param name="description">The entry's format.</param>
    /// <param name="capabilities">The capabilities of the machine that the entry comes from.</param>
    /// <param name="rules">The format's rules, under these capabilities, of the level of the table that holds the entry.</param>
    /// <param name="raw">The entry.</param>
    public static DecodedEntry Decode(FormatDescription description, CapabilityValues capabilities, LevelRules rules, ulong raw)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(capabilities);
        ArgumentNullException.ThrowIfNull(rules);
        EntryLayout layout = rules.LayoutOf(raw);
        bool isPresent = layout != EntryLayout.NotPresent;
        bool isLeaf = layout == EntryLayout.Leaf;
        ulong address = !isLeaf ? rules.TableAddress
            : rules.PageShiftOf(raw) == rules.Shift ? rules.LeafAddress
            : rules.CodedAddress;
        int memoryType = isLeaf ? rules.MemoryTypeOf(raw) : -1;
        return new DecodedEntry
        {
            Raw = raw,
            Level = rules.Level,
            Kind = rules.KindOf(raw),
            Layout = layout,
            Fields = FindFields(description, capabilities, rules.Level, layout, raw, address),
            Output = isPresent
                ? new HostPhysicalAddress(isLeaf ? rules.PageOf(raw) : rules.TableOf(raw))
                : null,
            PageSize = isLeaf ? 1ul << rules.PageShiftOf(raw) : null,
            Rights = isPresent ? rules.RightsByTests(raw) & ~(isLeaf ? Rights.None : rules.GrantedByTables) : Rights.None,
            MemoryType = memoryType < 0 ? null : memoryType,
            ReservedBits = raw & rules.ReservedIn(layout),
            Res0Bits = raw & layout switch
            {
                EntryLayout.Leaf => rules.LeafRes0,
                EntryLayout.NotPresent => 0,
                _ => rules.TableRes0,
            },
            Illegal = FindIllegal(description, rules, layout, raw),
        };
    }

    // Loops, where queries would read better: a query over values of ours is compiled anew in each process, which is most of
    // what a short run takes.
    private static ImmutableArray<DecodedField> FindFields(
        FormatDescription description, CapabilityValues capabilities, int level, EntryLayout layout, ulong raw, ulong address)
    {
        ImmutableArray<DecodedField>.Builder found = ImmutableArray.CreateBuilder<DecodedField>();
        foreach (FieldDescription field in description.Fields)
        {
            if (field.AppliesTo(level, layout) && field.Condition.Holds(capabilities))
            {
                FieldDescription here = field.On(capabilities);
                found.Add(new DecodedField(here, here.Role == FieldRole.Address ? raw & address : here.Extract(raw)));
            }
        }

        return found.ToImmutable();
    }

    // A combination may have several rules, and is named once.
    private static ImmutableArray<IllegalRuleDescription> FindIllegal(
        FormatDescription description, LevelRules rules, EntryLayout layout, ulong raw)
    {
        ImmutableArray<IllegalRuleDescription>.Builder found = ImmutableArray.CreateBuilder<IllegalRuleDescription>();
        for (int name = 0; name < description.IllegalRules.Length; name++)
        {
            for (int i = 0; i < rules.Illegal.Length; i++)
            {
                IllegalRule rule = rules.Illegal[i];
                if (rule.NameIndex == name && (rule.AppliesTo & layout) != 0 && rule.Test.Matches(raw))
                {
                    found.Add(description.IllegalRules[name]);
                    break;
                }
            }
        }

        return found.ToImmutable();
    }
}
