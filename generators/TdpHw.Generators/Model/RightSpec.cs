namespace TdpHw.Generators.Model;

/// <summary>An entry that matches grants a right.</summary>
/// <param name="Right">The member of <c>LevelRules</c> that holds the test.</param>
internal sealed record RightSpec(string Right, TestSpec Test, ConditionSpec When);
