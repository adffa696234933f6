using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>The rows of a level's rights, by the right.</summary>
internal static class RightRows
{
    /// <summary>The rights, in the order of their bits in <c>Rights</c>.</summary>
    public static readonly string[] Names = ["Read", "Write", "Execute", "UserExecute", "User"];

    /// <summary>The rows that grant a right; none where every entry does.</summary>
    public static RightSpec[] Of(LevelSpec level, string right)
    {
        RightSpec[] rows = [.. level.Rights.Where(r => r.Right == right)];

        // A format that does not tell user fetches apart allows them where it allows others.
        return rows.Length == 0 && right == "UserExecute" ? [.. level.Rights.Where(r => r.Right == "Execute")] : rows;
    }

    /// <summary>The rows of one right that are needed beside others under the same capabilities, of which one is the right's own test.</summary>
    public static IEnumerable<RightSpec> FurtherOf(LevelSpec level, string right) =>
        Of(level, right).GroupBy(r => r.When).SelectMany(g => g.Skip(1));
}
