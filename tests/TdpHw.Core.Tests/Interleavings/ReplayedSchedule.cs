using System.Numerics;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Runs one schedule; what it leaves open goes on as it stands.</summary>
/// <param name="schedule">The schedule.</param>
internal sealed class ReplayedSchedule(Schedule schedule) : IStepChooser
{
    private int _step;

    public void Begin() => _step = 0;

    public int Choose(ReadOnlySpan<SteppedThread> threads, uint ready)
    {
        int chosen = _step < schedule.Threads.Length ? schedule.Threads[_step++] : BitOperations.TrailingZeroCount(ready);
        return (ready >> chosen & 1) != 0
            ? chosen
            : throw new InvalidOperationException($"The schedule is not one of these operations: thread {chosen} can't go on.");
    }
}
