namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Chooses the schedule of runs.</summary>
internal interface IStepChooser
{
    /// <summary>A run in which no further step is worth taking.</summary>
    const int None = -1;

    /// <summary>Begins a run.</summary>
    void Begin();

    /// <summary>Chooses whose step is next.</summary>
    /// <param name="threads">All threads; each stands before a step or has ended.</param>
    /// <param name="ready">Those that can take it, a bit each; one at least.</param>
    /// <returns>The thread, or <see cref="None"/>.</returns>
    int Choose(ReadOnlySpan<SteppedThread> threads, uint ready);
}
