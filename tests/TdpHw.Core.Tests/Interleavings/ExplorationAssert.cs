using TdpHw.Core.Machines;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>What is asserted of explorations.</summary>
internal static class ExplorationAssert
{
    /// <summary>Nothing goes wrong in any order, all orders were run, and there were several.</summary>
    public static void Holds(ITestOutputHelper output, Func<Interleaving, World> create)
    {
        ExplorationResult result = Exploration.Explore(create);
        output.WriteLine(result.ToString());
        Assert.True(result.Finding is null, result.Finding?.ToString());
        Assert.True(result.IsComplete, result.ToString());
        Assert.True(result.Schedules > 1, result.ToString());
    }
}
