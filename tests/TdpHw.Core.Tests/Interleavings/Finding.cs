namespace TdpHw.Core.Tests.Interleavings;

/// <summary>What went wrong in a run.</summary>
/// <param name="Failure">What was thrown.</param>
/// <param name="Schedule">How to run it again.</param>
/// <param name="Steps">The steps that meet another thread's, for a reader.</param>
internal sealed record Finding(Exception Failure, Schedule Schedule, string Steps)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Failure.GetType().Name}: {Failure.Message}\nschedule: {Schedule}\n{Steps}\n{Failure.StackTrace}";
}
