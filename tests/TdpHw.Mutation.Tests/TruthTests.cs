using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Truth;

namespace TdpHw.Mutation.Tests;

public sealed class TruthTests
{
    public static TheoryData<string> Truths => [.. OutsideTruth.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Truths))]
    public void The_definitions_agree_with_outside_truth(string name) =>
        OutsideTruth.All.Single(t => t.Name == name).Check(World.Real);

    [Fact]
    public void Every_definition_has_some_outside_truth() =>
        Assert.Empty(World.Real.Names.Except(OutsideTruth.All.SelectMany(t => t.About)));
}
