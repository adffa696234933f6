using System.Globalization;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>What came of an exploration.</summary>
/// <param name="Schedules">How many schedules were run to their end.</param>
/// <param name="Abandoned">How many turned out on the way to be equal to one of those.</param>
/// <param name="Steps">How many steps all runs took.</param>
/// <param name="IsComplete">Whether no schedule is left that could come to something else.</param>
/// <param name="Finding">What went wrong; null for nothing. The exploration ends there.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record ExplorationResult(
    int Schedules, int Abandoned, long Steps, bool IsComplete, Finding? Finding, TimeSpan Elapsed)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Schedules:n0} schedules run, {Abandoned:n0} abandoned as equal, {Steps:n0} steps, {(IsComplete ? "complete" : "not complete")}, {Elapsed.TotalSeconds:f2} s");
}
