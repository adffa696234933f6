using System.Runtime.CompilerServices;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>How far each thread had come, counted in steps of the schedule: 0 where none of its steps came before.</summary>
[InlineArray(StepScheduler.MaxThreads)]
internal struct Clock
{
    private int _first;

    public void Join(in Clock other)
    {
        for (int thread = 0; thread < StepScheduler.MaxThreads; thread++)
        {
            this[thread] = Math.Max(this[thread], other[thread]);
        }
    }
}
