using TdpHw.Formats;
using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>
/// Resolves the parts of a bound format for one machine as the emitted <c>RulesFor</c> does: the same masks and tests,
/// computed instead of written. A test holds the two against each other.
/// </summary>
/// <param name="spec">The format.</param>
/// <param name="on">The capabilities that are on.</param>
/// <param name="limit">The address bits that the machine has.</param>
/// <param name="positions">The bits whose place a capability tells, by its property.</param>
internal sealed class RuleEvaluator(FormatSpec spec, HashSet<string> on, ulong limit, IReadOnlyDictionary<string, ulong> positions)
{
    private readonly ulong _within = limit >> spec.AddressShift;
    private readonly ulong _withinHigh = limit >> spec.HighAddressShift;

    private static readonly string[] RightNames = ["Read", "Write", "Execute", "UserExecute", "User"];

    public bool Holds(ConditionSpec condition) => condition.Holds(on);

    public LevelRules Level(LevelSpec level)
    {
        EntryTest[] rights = [.. RightNames.Select(name => Right(level, name))];
        return new LevelRules
        {
            Level = level.Level,
            Shift = level.Shift,
            Present = new EntryTests([.. level.Present.Select(p => Test(p.Test, p.When))]),
            Leaf =
            [
                .. level.Leaf.Select(l => new LeafRule(
                    Test(l.Test, l.When), Holds(l.Supported), (TdpHw.Formats.PageSizeCode)l.Size)),
            ],
            Illegal = [.. level.Illegal.Select(i => new IllegalRule(Test(i.Test, i.When), LayoutsOf(i.Layouts), i.Name))],
            LeafReserved = Mask(level.LeafReserved),
            TableReserved = Mask(level.TableReserved),
            RefusedReserved = Refused(level),
            LeafRes0 = Mask(level.LeafRes0),
            TableRes0 = Mask(level.TableRes0),
            LeafIgnored = Mask(level.LeafIgnored),
            TableIgnored = Mask(level.TableIgnored),
            LeafAddress = Mask(level.LeafAddress),
            TableAddress = Mask(level.TableAddress),
            CodedAddress = Mask(level.CodedAddress),
            HighAddress = Mask(level.HighAddress),
            AddressShift = spec.AddressShift,
            HighAddressShift = spec.HighAddressShift,
            NextLevel = level.NextLevel,
            LeafAccessed = Mask(level.LeafAccessed),
            TableAccessed = Mask(level.TableAccessed),
            LeafDirty = Mask(level.LeafDirty),
            LeafMemoryType = Mask(level.LeafMemoryType),
            Read = rights[0],
            Write = rights[1],
            Execute = rights[2],
            UserExecute = rights[3],
            User = rights[4],
            FurtherRights =
            [
                .. RightNames.SelectMany(name => RowsOf(level, name)
                    .GroupBy(r => r.When)
                    .SelectMany(g => g.Skip(1))
                    .Select(r => new RightRule(Enum.Parse<Rights>(name), Test(r.Test, r.When)))),
            ],
            GrantedByTables = level.HasTable ? RightsNamed(level.GrantedByTables) : Rights.None,
            RequiredRights = RightsNamed(spec.RequiredRights),
        };
    }

    private static Rights RightsNamed(IEnumerable<string> names) =>
        names.Aggregate(Rights.None, (rights, name) => rights | Enum.Parse<Rights>(name));

    private ulong Mask(MaskSpec mask)
    {
        ulong within = _within;
        ulong except = mask.Except.Aggregate(0ul, (bits, name) => bits | positions[name]);
        bool isAddress = mask.WithinLimit == 0 && mask.BeyondLimit == 0;
        ulong bits = (isAddress ? mask.Always & ~except : mask.Always)
            | (mask.WithinLimit & within & ~except) | (mask.BeyondLimit & ~within & ~except);
        foreach (MaskTerm term in mask.Terms.Where(t => t.Holds(on)))
        {
            bits |= term.Side switch
            {
                LimitSide.Within => term.Bits & within,
                LimitSide.Beyond => term.Bits & ~within,
                _ => term.Bits,
            };
        }

        return bits;
    }

    private ulong Refused(LevelSpec level)
    {
        LeafSpec[] refusable = [.. level.Leaf.Where(l => !l.Supported.IsAlways)];
        if (refusable.All(l => Holds(l.Supported)))
        {
            return 0;
        }

        return refusable.Aggregate(
            Mask(level.LeafReserved),
            (bits, l) => bits | l.Test.Matches.Aggregate(0ul, (m, match) => m | match.Mask)
                | l.Test.Any.Aggregate(0ul, (m, any) => m | any.Mask));
    }

    private EntryTest Test(TestSpec test, ConditionSpec when, bool isAssumed = false)
    {
        bool isPossible = (isAssumed || Holds(when)) && test.Matches
            .Where(m => !m.When.IsAlways && m.Value != 0 && !(isAssumed && m.When == when))
            .All(m => Holds(m.When));
        if (!isPossible)
        {
            return EntryTest.Never;
        }

        ulong mask = 0;
        ulong value = 0;
        foreach (MatchSpec match in test.Matches.Where(m => m.When.IsAlways || m.Value != 0 || Holds(m.When)))
        {
            mask |= match.Mask;
            value |= match.Value;
        }

        if (test.Any.Count == 0)
        {
            return new EntryTest(mask, value);
        }

        ulong any = test.Any
            .Where(a => Holds(a.When))
            .Aggregate(0ul, (bits, a) => bits | a.Mask | (a.Beyond & ~_within) | (a.BeyondHigh & ~_withinHigh));
        return any == 0 ? EntryTest.Never : new EntryTest(mask, value, any, test.Flip);
    }

    private EntryTest Right(LevelSpec level, string right)
    {
        RightSpec[] rows = [.. RowsOf(level, right).GroupBy(r => r.When).Select(g => g.First())];
        if (rows.Length == 0)
        {
            return EntryTest.Always;
        }

        rows = [.. rows.OrderBy(r => r.When.IsAlways).ThenBy(r => r.When.Needs.Count == 0)];
        foreach (RightSpec row in rows)
        {
            if (row.When.IsAlways || Holds(row.When))
            {
                return Test(row.Test, row.When, isAssumed: true);
            }
        }

        return EntryTest.Never;
    }

    private static RightSpec[] RowsOf(LevelSpec level, string right)
    {
        RightSpec[] rows = [.. level.Rights.Where(r => r.Right == right)];
        return rows.Length == 0 && right == "UserExecute" ? [.. level.Rights.Where(r => r.Right == "Execute")] : rows;
    }

    private static EntryLayout LayoutsOf(EntryLayouts layouts) => layouts switch
    {
        EntryLayouts.Leaf => EntryLayout.Leaf,
        EntryLayouts.Table => EntryLayout.Table | EntryLayout.RefusedLeaf,
        _ => EntryLayout.Present,
    };
}
