namespace TdpHw.Core.Tests.Interleavings;

/// <summary>A step that a thread is about to take.</summary>
/// <param name="Place">What it concerns.</param>
/// <param name="Writes">Whether its place among the others matters to them.</param>
/// <param name="IsPossible">What it waits for; null when for nothing.</param>
internal readonly record struct Step(StepPlace Place, bool Writes, Func<bool>? IsPossible)
{
    /// <summary>Whether it matters which of two steps comes first.</summary>
    public bool DependsOn(in Step other) => Place == other.Place && (Writes || other.Writes);
}
