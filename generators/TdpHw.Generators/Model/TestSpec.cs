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

    /// <summary>Whether an entry may have to be asked for bits that no machine of some width has.</summary>
    public bool DependsOnLimit => Any.Any(a => (a.Beyond | a.BeyondHigh) != 0);
}
