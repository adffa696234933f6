using TdpHw.Formats;
using System.Collections.Immutable;

namespace TdpHw.Cli.Describing;

/// <summary>Conditions on capabilities, in words.</summary>
internal static class ConditionText
{
    /// <summary>The condition as <c>needs x, unless y</c>; empty when it holds always.</summary>
    public static string Of(CapabilityCondition condition, ImmutableArray<CapabilityDescription> capabilities)
    {
        List<string> parts = [];
        Add(parts, "needs", condition.Needs, capabilities);
        Add(parts, "unless", condition.Unless, capabilities);
        return string.Join(", ", parts);
    }

    private static void Add(
        List<string> parts, string word, uint indexes, ImmutableArray<CapabilityDescription> capabilities)
    {
        string[] names = [.. capabilities.Where((_, i) => (indexes >> i & 1) != 0).Select(c => c.Name)];
        if (names.Length != 0)
        {
            parts.Add($"{word} {string.Join(" and ", names)}");
        }
    }
}
