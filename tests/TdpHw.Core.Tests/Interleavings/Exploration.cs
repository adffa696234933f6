using System.Diagnostics;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Runs a few operations in all orders of their steps, each from a world made anew.</summary>
internal static class Exploration
{
    private const int MostSchedules = 100_000;

    /// <summary>Runs all schedules until one goes wrong.</summary>
    /// <param name="create">Makes the world.</param>
    /// <param name="isReduced">Whether schedules that come to the same are run once.</param>
    /// <param name="mostSchedules">After how many to give up.</param>
    public static ExplorationResult Explore(
        Func<Interleaving, World> create, bool isReduced = true, int mostSchedules = MostSchedules)
    {
        var clock = Stopwatch.StartNew();
        var tree = new ScheduleTree(isReduced);
        using var scheduler = new StepScheduler(tree);
        int schedules = 0;
        int abandoned = 0;
        long steps = 0;
        bool isComplete = false;
        Finding? finding = null;
        while (!isComplete && finding is null && schedules + abandoned < mostSchedules)
        {
            Exception? failure = Run(create, scheduler, out bool isAbandoned);
            steps += scheduler.Steps;
            if (failure is not null)
            {
                finding = new Finding(failure, tree.Schedule, Describe(tree));
            }

            schedules += isAbandoned ? 0 : 1;
            abandoned += isAbandoned ? 1 : 0;
            isComplete = finding is null && !tree.MoveNext();
        }

        return new ExplorationResult(schedules, abandoned, steps, isComplete, finding, clock.Elapsed);
    }

    /// <summary>Runs one schedule again.</summary>
    /// <returns>What went wrong; null for nothing.</returns>
    public static Exception? Replay(Func<Interleaving, World> create, Schedule schedule)
    {
        using var scheduler = new StepScheduler(new ReplayedSchedule(schedule));
        return Run(create, scheduler, out _);
    }

    private static Exception? Run(Func<Interleaving, World> create, StepScheduler scheduler, out bool isAbandoned)
    {
        World world = create(scheduler);
        Exception? failure = scheduler.Run(world.Operations, out isAbandoned);
        if (failure is null && !isAbandoned)
        {
            failure = Record.Exception(world.CheckEnd);
        }

        isAbandoned &= failure is null;
        return failure;
    }

    /// <summary>The steps at places that several threads come to and one changes, and those at which another thread goes on.</summary>
    private static string Describe(ScheduleTree tree)
    {
        var names = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        var contested = tree.Steps
            .GroupBy(s => s.Place)
            .Where(g => g.Any(s => s.Writes) && g.Select(s => s.Thread).Distinct().Count() > 1)
            .Select(g => g.Key)
            .ToHashSet();
        int last = -1;
        var lines = new List<string>();
        foreach ((int thread, StepPlace place, bool writes) in tree.Steps)
        {
            if (thread != last || contested.Contains(place))
            {
                string verb = place.IsGate ? writes ? "enters or leaves" : "shares or leaves" : writes ? "writes" : "reads";
                lines.Add($"  {thread} {verb} {NameOf(place.Target, names)}:{place.Part:x}");
            }

            last = thread;
        }

        return string.Join('\n', lines);
    }

    private static string NameOf(object target, Dictionary<object, string> names)
    {
        if (!names.TryGetValue(target, out string? name))
        {
            string type = target.ToString() is { Length: > 0 } text && text != target.GetType().ToString() ? text : target.GetType().Name;
            names.Add(target, name = $"{type}#{names.Count}");
        }

        return name;
    }
}
