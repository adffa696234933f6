using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>How masks, tests and conditions on capabilities are written as C# expressions.</summary>
internal sealed class RuleText(EquatableArray<CapabilitySpec> capabilities)
{
    /// <summary>A condition on the local <c>capabilities</c>.</summary>
    public string Condition(ConditionSpec condition) => string.Join(
        " && ",
        condition.Needs.Select(n => On(n)).Concat(condition.Unless.Select(Off)));

    /// <summary>The terms of a mask; the local <c>within</c> holds the address bits that the machine has.</summary>
    public IReadOnlyList<string> Mask(MaskSpec mask)
    {
        var parts = new List<string>();
        string except = string.Concat(mask.Except.Select(e => $" & ~{PositionLocal(e)}"));
        if (mask.Always != 0)
        {
            bool isAddress = mask.WithinLimit == 0 && mask.BeyondLimit == 0 && except.Length != 0;
            parts.Add(isAddress ? $"({CodeText.Hex(mask.Always)}{except})" : CodeText.Hex(mask.Always));
        }

        if (mask.WithinLimit != 0)
        {
            parts.Add($"({CodeText.Hex(mask.WithinLimit)} & within{except})");
        }

        if (mask.BeyondLimit != 0)
        {
            parts.Add($"({CodeText.Hex(mask.BeyondLimit)} & ~within{except})");
        }

        foreach (var terms in mask.Terms.GroupBy(t => (t.When, t.Side)))
        {
            ulong on = terms.Where(t => !t.IsNegated).Aggregate(0ul, (bits, t) => bits | t.Bits);
            ulong off = terms.Where(t => t.IsNegated).Aggregate(0ul, (bits, t) => bits | t.Bits);
            string choice = $"{Condition(terms.Key.When)} ? {Literal(on)} : {Literal(off)}";
            parts.Add(terms.Key.Side switch
            {
                LimitSide.Within => $"(({choice}) & within)",
                LimitSide.Beyond => $"(({choice}) & ~within)",
                _ => $"({choice})",
            });
        }

        return parts.Count == 1 && parts[0].StartsWith("(", StringComparison.Ordinal)
            ? [parts[0].Substring(1, parts[0].Length - 2)]
            : parts;
    }

    /// <summary>The local that holds the bit whose place a capability tells; 0 where there is none.</summary>
    public static string PositionLocal(string property) => CodeText.Camel(property) + "Mask";

    /// <summary>A set of rights.</summary>
    public static string Rights(IEnumerable<string> rights) => string.Join(" | ", rights.Select(r => "Rights." + r));

    /// <summary>A test on an entry, when the row it belongs to exists under <paramref name="when"/>.</summary>
    /// <param name="isAssumed">Whether the expression stands where <paramref name="when"/> is known to hold.</param>
    public string Test(TestSpec test, ConditionSpec when, bool isAssumed = false) =>
        string.Join(" ", TestParts(test, when, isAssumed));

    /// <summary>The same, cut where a line may end.</summary>
    public IReadOnlyList<string> TestParts(TestSpec test, ConditionSpec when, bool isAssumed = false)
    {
        // Bits that must be set can't be when their field is switched off; bits that must be clear are then.
        ConditionSpec needed = test.Matches
            .Where(m => !m.When.IsAlways && m.Value != 0 && !(isAssumed && m.When == when))
            .Aggregate(isAssumed ? ConditionSpec.Always : when, (condition, m) => condition.And(m.When));
        string made = Constructed(test);
        return needed.IsAlways ? [made] : [Condition(needed), $"? {made}", ": EntryTest.Never"];
    }

    private static string Literal(ulong bits) => bits == 0 ? "0" : CodeText.Hex(bits) + "ul";

    private string Constructed(TestSpec test)
    {
        if (test.IsAlways)
        {
            return "EntryTest.Always";
        }

        ulong certain = test.Mask | Required(test, m => m.Mask);
        string[] perhaps =
        [
            .. test.Matches
                .Where(m => !m.When.IsAlways && m.Value == 0)
                .Select(m => $"{Condition(m.When)} ? {CodeText.Hex(m.Mask)}ul : 0"),
        ];
        string mask = certain == 0 && perhaps.Length == 1
            ? perhaps[0]
            : string.Join(" | ", perhaps.Select(p => $"({p})").Prepend(CodeText.Hex(certain)));
        string value = CodeText.Hex(test.Value | Required(test, m => m.Value));
        if (test.Any.Count == 0)
        {
            return $"new EntryTest({mask}, {value})";
        }

        if (test.DependsOnLimit)
        {
            return $"EntryTest.AnyOf({string.Join(" | ", test.Any.Where(a => (a.Beyond | a.BeyondHigh) != 0).Select(Beyond))})";
        }

        string flip = test.Flip == 0 ? "" : ", " + CodeText.Hex(test.Flip);

        string[] conditional =
        [
            .. test.Any.Where(a => !a.When.IsAlways).Select(a => $"({Condition(a.When)} ? {CodeText.Hex(a.Mask)}ul : 0)"),
        ];
        if (test.AnyMask != 0)
        {
            return $"new EntryTest({mask}, {value}, {string.Join(" | ", new[] { CodeText.Hex(test.AnyMask) }.Concat(conditional))}{flip})";
        }

        // With every named field switched off none of them can be set.
        string someOn = string.Join(" || ", test.Any.Select(a => a.When.Capabilities.Count() == 1 ? Condition(a.When) : $"({Condition(a.When)})"));
        return $"({someOn}) ? new EntryTest({mask}, {value}, {string.Join(" | ", conditional)}) : EntryTest.Never";
    }

    private string Beyond(AnySpec any)
    {
        string bits = any.Beyond != 0 ? $"({CodeText.Hex(any.Beyond)} & ~within)" : $"({CodeText.Hex(any.BeyondHigh)} & ~withinHigh)";
        return any.When.IsAlways ? bits : $"({Condition(any.When)} ? {bits} : 0)";
    }

    private static ulong Required(TestSpec test, Func<MatchSpec, ulong> bits) => test.Matches
        .Where(m => !m.When.IsAlways && m.Value != 0)
        .Aggregate(0ul, (mask, m) => mask | bits(m));

    private string On(string name)
    {
        CapabilitySpec capability = capabilities.First(c => c.Name == name);
        return capability.Kind == CapabilityKind.OptionalWidth
            ? $"capabilities.{capability.Property} is not null"
            : $"capabilities.{capability.Property}";
    }

    private string Off(string name)
    {
        CapabilitySpec capability = capabilities.First(c => c.Name == name);
        return capability.Kind == CapabilityKind.OptionalWidth
            ? $"capabilities.{capability.Property} is null"
            : $"!capabilities.{capability.Property}";
    }
}
