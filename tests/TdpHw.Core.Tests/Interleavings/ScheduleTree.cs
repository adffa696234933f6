using System.Numerics;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>
/// The schedules of a world as a tree, run after run from its deepest branch that is not yet done. Schedules that differ only in
/// the order of steps that don't concern each other come to the same; of each such set one is run. (Abdulla, Aronis, Jonsson and
/// Sagonas, "Optimal dynamic partial order reduction", POPL 2014: source sets with sleep sets.)
/// </summary>
/// <remarks>
/// A run is kept as events: each knows, as a clock, which others had to come before it. Two events race when they concern each
/// other and nothing between them keeps their order; then the steps that don't need the first one are to be tried before it.
/// </remarks>
/// <param name="isReduced">Whether equal schedules are run once; without that every single one is run.</param>
internal sealed class ScheduleTree(bool isReduced) : IStepChooser
{
    private readonly List<Node> _path = [];
    private readonly List<Event> _events = [];
    private readonly List<int>[] _eventsOf = [[], [], []];
    private Clock[] _clocks = new Clock[StepScheduler.MaxThreads];
    private int _firstNew;
    private uint _sleeping;
    private int _last;

    /// <summary>The schedule of the run.</summary>
    public Schedule Schedule => new([.. _events.Select(e => e.Thread)]);

    /// <summary>The steps of the run.</summary>
    public IEnumerable<(int Thread, StepPlace Place, bool Writes)> Steps => _events.Select(e => (e.Thread, e.Place, e.Writes));

    public void Begin()
    {
        _events.Clear();
        foreach (List<int> events in _eventsOf)
        {
            events.Clear();
        }

        _clocks = new Clock[StepScheduler.MaxThreads];
        _sleeping = 0;
        _last = 0;
    }

    public int Choose(ReadOnlySpan<SteppedThread> threads, uint ready)
    {
        int depth = _events.Count;
        if (depth == _path.Count)
        {
            uint awake = ready & ~_sleeping;
            if (awake == 0)
            {
                return IStepChooser.None;
            }

            int first = (awake >> _last & 1) != 0 ? _last : BitOperations.TrailingZeroCount(awake);
            _path.Add(new Node(ready, _sleeping, first, isReduced ? 1u << first : ready));
        }

        Node node = _path[depth];
        if (node.Ready != ready)
        {
            throw new InvalidOperationException("The operations do not do the same each time that they are run in the same way.");
        }

        int chosen = node.Chosen;
        Step step = threads[chosen].Next;
        uint waiting = (node.Sleeping | node.Done) & ~(1u << chosen);
        _sleeping = 0;
        foreach (SteppedThread thread in threads)
        {
            if (isReduced && (waiting >> thread.Index & 1) != 0 && !thread.Next.DependsOn(step))
            {
                _sleeping |= 1u << thread.Index;
            }
        }

        Add(chosen, step, mayBranch: isReduced && depth >= _firstNew);
        _last = chosen;
        return chosen;
    }

    /// <summary>Goes to the next schedule.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        for (int depth = _path.Count - 1; depth >= 0; depth--)
        {
            Node node = _path[depth];
            node.Done |= 1u << node.Chosen;
            uint open = node.Wanted & node.Ready & ~node.Done & ~node.Sleeping;
            if (open != 0)
            {
                node.Chosen = BitOperations.TrailingZeroCount(open);
                _path.RemoveRange(depth + 1, _path.Count - depth - 1);
                _firstNew = depth;
                return true;
            }
        }

        return false;
    }

    private void Add(int thread, in Step step, bool mayBranch)
    {
        int index = _events.Count;
        StepPlace place = step.Place;
        Clock clock = _clocks[thread];
        Clock before = clock;
        clock.Join(place.Written);
        if (step.Writes)
        {
            clock.Join(place.Read);
        }

        clock[thread] = index + 1;
        _events.Add(new Event(thread, place, step.Writes, place.LastStep, clock));
        if (mayBranch)
        {
            for (int earlier = place.LastStep; earlier >= 0; earlier = _events[earlier].Previous)
            {
                Event other = _events[earlier];
                if (other.Thread == thread || !(other.Writes || step.Writes) || before[other.Thread] > earlier)
                {
                    continue;
                }

                Branch(earlier, index);
                if (other.Writes && step.IsPossible is null)
                {
                    // What came before that one on this place came before it for a reason. A step that had to wait is different:
                    // the one that let it go on can't come after it, but one before that may.
                    break;
                }
            }
        }

        place.LastStep = index;
        if (step.Writes)
        {
            place.Written = clock;
        }

        Clock read = place.Read;
        read.Join(clock);
        place.Read = read;
        _clocks[thread] = clock;
        _eventsOf[thread].Add(index);
    }

    /// <summary>Has what does not need an event, up to a later one that races with it, tried before it.</summary>
    private void Branch(int earlier, int later)
    {
        Node node = _path[earlier];
        int hindered = _events[earlier].Thread;
        Span<int> first = stackalloc int[StepScheduler.MaxThreads];
        for (int thread = 0; thread < first.Length; thread++)
        {
            first[thread] = int.MaxValue;
            if (thread != hindered && NextOf(thread, earlier) is int next
                && (next == int.MaxValue || _events[next].Clock[hindered] <= earlier))
            {
                first[thread] = next;
            }
        }

        int racing = _events[later].Thread;
        first[racing] = Math.Min(first[racing], later);
        uint initial = 0;
        for (int thread = 0; thread < first.Length; thread++)
        {
            if (first[thread] == int.MaxValue)
            {
                continue;
            }

            bool comesFirst = true;
            for (int other = 0; other < first.Length; other++)
            {
                comesFirst &= other == thread || first[other] == int.MaxValue || _events[first[thread]].Clock[other] <= first[other];
            }

            initial |= comesFirst ? 1u << thread : 0;
        }

        initial &= node.Ready;
        if ((initial & (node.Wanted | node.Done)) == 0 && initial != 0)
        {
            node.Wanted |= (initial >> racing & 1) != 0 ? 1u << racing : 1u << BitOperations.TrailingZeroCount(initial);
        }
    }

    /// <summary>A thread's first event after another event.</summary>
    private int NextOf(int thread, int index)
    {
        List<int> events = _eventsOf[thread];
        int position = ~events.BinarySearch(index);
        return position < events.Count ? events[position] : int.MaxValue;
    }

    private readonly record struct Event(int Thread, StepPlace Place, bool Writes, int Previous, Clock Clock);

    private sealed class Node(uint ready, uint sleeping, int chosen, uint wanted)
    {
        public readonly uint Ready = ready;
        public readonly uint Sleeping = sleeping;
        public int Chosen = chosen;
        public uint Wanted = wanted;
        public uint Done;
    }
}
