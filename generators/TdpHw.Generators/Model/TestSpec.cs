namespace TdpHw.Generators.Model;

/// <summary>A condition on an entry: all matches hold, and, if any bits are named, one of them is set.</summary>
internal sealed record TestSpec(EquatableArray<MatchSpec> Matches, EquatableArray<AnySpec> Any)
{
    public bool IsAlways => Matches.Count == 0 && Any.Count == 0;

    /// <summary>Whether the test reads the same under any capabilities.</summary>
    public bool IsConstant => Matches.All(m => m.When.IsAlways)
        && Any.All(a => a.When.IsAlways && (a.Beyond | a.BeyondHigh) == 0);

    /// <summary>The bits that are compared under every capability.</summary>
    public ulong Mask => Matches.Where(m => m.When.IsAlways).Aggregate(0ul, (bits, m) => bits | m.Mask);

    /// <summary>What those bits must equal.</summary>
    public ulong Value => Matches.Where(m => m.When.IsAlways).Aggregate(0ul, (bits, m) => bits | m.Value);

    /// <summary>The bits of which one must be set, those that are in force under every capability.</summary>
    public ulong AnyMask => Any.Where(a => a.When.IsAlways).Aggregate(0ul, (bits, a) => bits | a.Mask);

    /// <summary>What one of them must differ from.</summary>
    public ulong Flip => Any.Aggregate(0ul, (bits, a) => bits | a.Flip);

    /// <summary>This test of entries that have none of the bits set which it reads; null where it asks for a set one.</summary>
    public TestSpec? OfClearBits() => Matches.All(m => m.Value == 0) && (Any.Count == 0 || Flip != 0)
        ? new(Matches.Concat(Any.Select(a => new MatchSpec(a.Symbol, a.Mask, 0, a.When))).ToEquatableArray(), default)
        : null;

    /// <summary>
    /// Whether no entry passes this test and another one, as far as fields tell that both read under the same capabilities.
    /// </summary>
    public bool Excludes(TestSpec other) => Conflict(other) != 0;

    /// <summary>The bits of which this test and another one ask what no entry gives both; none where some entry may pass both.</summary>
    public ulong Conflict(TestSpec other)
    {
        ulong differing = Matches.Aggregate(0ul, (bits, mine) => other.Matches
            .Where(m => m.When.Equals(mine.When))
            .Aggregate(bits, (all, m) => all | ((m.Value ^ mine.Value) & m.Mask & mine.Mask)));
        return differing
            | (LeavesNone(Any, other.Matches) ? BitsOf(Any) : 0)
            | (LeavesNone(other.Any, Matches) ? BitsOf(other.Any) : 0);
    }

    private static ulong BitsOf(EquatableArray<AnySpec> any) => any.Aggregate(0ul, (bits, a) => bits | a.Mask);

    /// <summary>Whether the matches fix all bits of which one would have to differ.</summary>
    private static bool LeavesNone(EquatableArray<AnySpec> any, EquatableArray<MatchSpec> matches) => any.Count != 0 && any.All(a =>
    {
        MatchSpec[] same = [.. matches.Where(m => m.When.Equals(a.When))];
        ulong equal = same.Aggregate(0ul, (bits, m) => bits | (m.Mask & ~(m.Value ^ a.Flip)));

        // Where a capability says where a bit is, or how far a mask goes, no literal bits tell.
        return a.Mask != 0 && (a.Beyond | a.BeyondHigh) == 0 && (a.Mask & ~equal) == 0;
    });

    /// <summary>Whether an entry may have to be asked for bits that no machine of some width has.</summary>
    public bool DependsOnLimit => Any.Any(a => (a.Beyond | a.BeyondHigh) != 0);
}
