namespace TdpHw.Core.Tests.Interleavings;

/// <summary>A thread of a run.</summary>
internal sealed class SteppedThread
{
    private int _try = 1;
    private bool _awaitsChange;
    private bool _hasSeenChange;

    public SteppedThread(int index, Operation operation)
    {
        Index = index;
        Operation = operation;
    }

    public int Index { get; }

    public Operation Operation { get; }

    /// <summary>The step that it stands before.</summary>
    public Step Next { get; set; }

    public bool IsEnded { get; set; }

    /// <summary>Whether it is on its way out of an abandoned run.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether it can take its next step. A try that failed would fail again while all that it read is as it was.</summary>
    public bool IsReady => !IsEnded && (!_awaitsChange || _hasSeenChange) && (Next.IsPossible is null || Next.IsPossible());

    /// <summary>Has the thread wait until something changes that it met since its try began.</summary>
    public void AwaitChange() => _awaitsChange = true;

    /// <summary>Notes that the thread takes its next step.</summary>
    public void Take()
    {
        if (_awaitsChange)
        {
            (_awaitsChange, _hasSeenChange) = (false, false);
            _try++;
        }

        if (!Next.Place.IsGate)
        {
            Next.Place.Join(Index, _try);
        }
    }

    /// <summary>Notes that another thread took a step.</summary>
    public void See(in Step step) => _hasSeenChange |= step.Writes && step.Place.IsPartOfTry(Index, _try);
}
