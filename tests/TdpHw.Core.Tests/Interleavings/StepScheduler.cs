using System.Runtime.CompilerServices;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// Runs operations on threads of their own, one at a time: before each step on shared state a chooser says who goes on. Outside a
/// run, while a world is made or judged, it lets everything pass.
/// </summary>
internal sealed class StepScheduler : Interleaving, IDisposable
{
    public const int MaxThreads = 3;

    private readonly IStepChooser _chooser;
    private readonly Dictionary<(ObjectIdentity Target, long Part), StepPlace> _places = [];
    private readonly SemaphoreSlim _end = new(0);
    private readonly SemaphoreSlim[] _turns = [new(0), new(0), new(0)];
    private readonly Thread[] _workers;
    private SteppedThread[] _threads = [];
    private int _started;
    private int _current;
    private bool _isRunning;
    private bool _isLooking;
    private bool _isAbandoned;
    private bool _isDisposed;
    private Exception? _failure;

    public StepScheduler(IStepChooser chooser)
    {
        _chooser = chooser;
        _workers = new Thread[MaxThreads];
        for (int i = 0; i < MaxThreads; i++)
        {
            int index = i;
            _workers[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"interleaved {i}" };
            _workers[i].Start();
        }
    }

    /// <summary>How many steps the run took.</summary>
    public int Steps { get; private set; }

    /// <summary>Runs operations.</summary>
    /// <param name="operations">The operations.</param>
    /// <param name="isAbandoned">Whether the chooser found the run not worth finishing.</param>
    /// <returns>What went wrong; null for nothing.</returns>
    public Exception? Run(IReadOnlyList<Operation> operations, out bool isAbandoned)
    {
        _threads = [.. operations.Select((o, i) => new SteppedThread(i, o))];
        _places.Clear();
        (_started, _isAbandoned, _failure, Steps) = (0, false, null, 0);
        _chooser.Begin();
        _isRunning = true;
        GoOn();
        _end.Wait();
        _isRunning = false;
        isAbandoned = _isAbandoned;
        return _failure;
    }

    /// <summary>Has the running thread look at something without taking a step.</summary>
    public void Look(Action look)
    {
        (bool wasLooking, _isLooking) = (_isLooking, true);
        try
        {
            look();
        }
        finally
        {
            _isLooking = wasLooking;
        }
    }

    public override void Before(object target, long part, bool writes)
    {
        if (_isRunning && !_isLooking)
        {
            Pass(target, part, writes, null);
        }
    }

    public override void BeforeWhen(object target, long part, bool writes, Func<bool> isPossible)
    {
        if (_isRunning && !_isLooking)
        {
            Pass(target, part, writes, isPossible);
        }
        else if (!isPossible())
        {
            throw new DeadlockException($"{target} is waited for while nobody else runs");
        }
    }

    public override void BeforeRetry()
    {
        if (!_isRunning)
        {
            throw new DeadlockException("something is tried again while nobody else runs");
        }

        _threads[_current].AwaitChange();
    }

    public void Dispose()
    {
        _isDisposed = true;
        for (int i = 0; i < MaxThreads; i++)
        {
            _turns[i].Release();
            _workers[i].Join();
            _turns[i].Dispose();
        }

        _end.Dispose();
    }

    private void Pass(object target, long part, bool writes, Func<bool>? isPossible)
    {
        SteppedThread me = _threads[_current];
        if (me.IsLeaving)
        {
            return;
        }

        StepPlace place = PlaceOf(target, part);
        place.IsGate |= isPossible is not null;
        me.Next = new Step(place, writes, isPossible);
        int next = Choose();
        if (next != me.Index)
        {
            GiveTurn(next);
            _turns[me.Index].Wait();
        }

        if (_isAbandoned)
        {
            me.IsLeaving = true;
            throw new AbandonedRunException();
        }

        Steps++;
        me.Take();
        foreach (SteppedThread other in _threads)
        {
            if (other != me)
            {
                other.See(me.Next);
            }
        }
    }

    /// <summary>Whose turn it is: of a thread that has not begun yet, until all stand before a step.</summary>
    private int Choose()
    {
        if (_isAbandoned)
        {
            return Array.FindIndex(_threads, t => !t.IsEnded);
        }

        if (_started < _threads.Length)
        {
            return _started++;
        }

        uint ready = 0;
        bool isEnded = true;
        foreach (SteppedThread thread in _threads)
        {
            ready |= thread.IsReady ? 1u << thread.Index : 0;
            isEnded &= thread.IsEnded;
        }

        if (isEnded)
        {
            return IStepChooser.None;
        }

        int chosen = IStepChooser.None;
        if (ready == 0)
        {
            IEnumerable<string> waiting = _threads
                .Where(t => !t.IsEnded)
                .Select(t => $"{t.Operation.Name} waits for {(t.Next.IsPossible is null ? "a change" : t.Next.Place.ToString())}");
            _failure ??= new DeadlockException(string.Join("; ", waiting));
        }
        else
        {
            chosen = _chooser.Choose(_threads, ready);
        }

        if (chosen == IStepChooser.None)
        {
            _isAbandoned = true;
            return _current;
        }

        return chosen;
    }

    private void GoOn()
    {
        int next = Choose();
        if (next == IStepChooser.None || _threads[next].IsEnded)
        {
            next = Array.FindIndex(_threads, t => !t.IsEnded);
        }

        if (next < 0)
        {
            _end.Release();
        }
        else
        {
            GiveTurn(next);
        }
    }

    private void GiveTurn(int thread)
    {
        _current = thread;
        _turns[thread].Release();
    }

    private void Work(int index)
    {
        while (true)
        {
            _turns[index].Wait();
            if (_isDisposed)
            {
                return;
            }

            SteppedThread me = _threads[index];
            try
            {
                // One that never began has nothing to leave.
                if (!_isAbandoned)
                {
                    me.Operation.Run();
                }
            }
            catch (AbandonedRunException)
            {
            }
#pragma warning disable CA1031 // Whatever an operation throws is a finding.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                // What is thrown on the way out of a run that was abandoned comes of that.
                _failure ??= _isAbandoned ? null : failure;
                _isAbandoned = true;
            }

            me.IsEnded = true;
            GoOn();
        }
    }

    private StepPlace PlaceOf(object target, long part)
    {
        (ObjectIdentity, long) key = (new ObjectIdentity(target), part);
        if (!_places.TryGetValue(key, out StepPlace? place))
        {
            _places.Add(key, place = new StepPlace(target, part));
        }

        return place;
    }

    /// <summary>An object as itself, whatever it holds equal.</summary>
    private readonly record struct ObjectIdentity(object Target)
    {
        public bool Equals(ObjectIdentity other) => ReferenceEquals(Target, other.Target);

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(Target);
    }
}
