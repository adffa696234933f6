using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Bits by which a walk tells an entry's layout: those in <paramref name="Mask"/> equal <paramref name="Value"/>.</summary>
internal readonly record struct Selector(ulong Mask, ulong Value)
{
    /// <summary>Whether no entry with these bits passes a test.</summary>
    public bool RulesOut(TestSpec test) => ((test.Value ^ Value) & test.Mask & Mask) != 0;

    /// <summary>Whether every entry with these bits passes a test, whatever the capabilities are.</summary>
    public bool Implies(TestSpec test) =>
        test.IsConstant && test.Any.Count == 0 && (test.Mask & ~Mask) == 0 && !RulesOut(test);
}
