using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>
/// What an entry grants by itself, as literal code: rights that are a bit of the entry each are moved to their places, and of the
/// rules is asked only what depends on a capability.
/// </summary>
internal static class LiteralRights
{
    /// <summary>The terms of the expression; none where rights depend on more than each one's own test.</summary>
    /// <param name="format">The format, whose levels all must grant rights alike.</param>
    /// <param name="constant">Writes a test that no capability changes.</param>
    public static IReadOnlyList<string> Of(FormatSpec format, Func<TestSpec, string> constant)
    {
        LevelSpec first = format.Levels[0];
        bool isPlain = format.Levels.All(l => l.Rights.Equals(first.Rights)
            && l.GrantedByTables.Count == 0
            && !RightRows.Names.Any(r => RightRows.FurtherOf(l, r).Any()));
        if (!isPlain)
        {
            return [];
        }

        var always = new List<string>();
        var bits = new SortedDictionary<int, List<int>>();
        var tested = new List<(string Condition, List<string> Rights)>();
        for (int right = 0; right < RightRows.Names.Length; right++)
        {
            string name = RightRows.Names[right];
            RightSpec[] rows = RightRows.Of(first, name);
            TestSpec? own = rows.Length == 1 && rows[0].When.IsAlways && rows[0].Test.IsConstant && rows[0].Test.Flip == 0
                ? rows[0].Test
                : null;
            if (rows.Length == 0 || own is { IsAlways: true })
            {
                always.Add(name);
            }
            else if (own is { Any.Count: 0 } && own.Value == own.Mask && (own.Mask & (own.Mask - 1)) == 0)
            {
                int distance = right - Enumerable.Range(0, 64).First(bit => own.Mask == 1ul << bit);
                if (!bits.TryGetValue(distance, out List<int>? moved))
                {
                    bits.Add(distance, moved = []);
                }

                moved.Add(right);
            }
            else
            {
                string condition = own is null ? $"rules.{Asked(first, name)}.Matches(entry)" : constant(own);
                if (tested.Count == 0 || tested[tested.Count - 1].Condition != condition)
                {
                    tested.Add((condition, []));
                }

                tested[tested.Count - 1].Rights.Add(name);
            }
        }

        return bits.Count == 0
            ? []
            :
            [
                .. always.Select(name => "Rights." + name),
                .. bits.Select(b => "(Rights)" + Moved(b.Key, b.Value)),
                .. tested.Select(t => $"({t.Condition} ? {RuleText.Rights(t.Rights)} : Rights.None)"),
            ];
    }

    /// <summary>Which of the rules tells of a right: that of fetches also of the user's where a format does not tell them apart.</summary>
    private static string Asked(LevelSpec level, string right) =>
        right == "UserExecute" && level.Rights.All(r => r.Right != right) ? "Execute" : right;

    private static string Moved(int distance, List<int> rights)
    {
        string mask = CodeText.Hex(rights.Aggregate(0ul, (all, right) => all | (1ul << right)));
        return distance == 0 ? $"(entry & {mask})"
            : distance > 0 ? $"((entry << {distance}) & {mask})"
            : $"((entry >> {-distance}) & {mask})";
    }
}
