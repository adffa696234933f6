using System.Diagnostics;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>
/// Times several ways to do the same in turn, so that what slows the machine for a while slows them all. What one thread does is
/// timed by the processor time that it takes, which other processes of the machine take nothing of.
/// </summary>
internal static class Interleaved
{
    private const int MinRounds = 5;
    private const int MaxRounds = 15;

    /// <summary>Times each way several times.</summary>
    /// <param name="operations">How many operations one call of a way is.</param>
    /// <param name="budget">Start no further round after so long.</param>
    /// <param name="ways">What is timed; each is called once before, so that it is compiled.</param>
    /// <returns>The median time of one operation of each, in nanoseconds.</returns>
    public static double[] Measure(long operations, TimeSpan budget, params ReadOnlySpan<Action> ways) =>
        Measure(() => Environment.CpuUsage.TotalTime, operations, budget, ways);

    /// <summary>The same by the clock, for what several threads or processes do.</summary>
    public static double[] MeasureElapsed(long operations, TimeSpan budget, params ReadOnlySpan<Action> ways) =>
        Measure(() => Stopwatch.GetElapsedTime(0), operations, budget, ways);

    /// <summary>
    /// Times ways that come in pairs, the second of which undoes what the first did. They are too short for the processor's account,
    /// so each call is timed by the clock, and the median is that of all calls.
    /// </summary>
    /// <returns>The median time of a call of each, pair by pair, in nanoseconds.</returns>
    public static double[] MeasurePairs(int calls, TimeSpan budget, params ReadOnlySpan<(Action Do, Action Undo)> pairs)
    {
        var times = new List<double>[2 * pairs.Length];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = [];
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < MinRounds || (round < MaxRounds && Stopwatch.GetElapsedTime(start) < budget); round++)
        {
            for (int i = 0; i < pairs.Length; i++)
            {
                for (int call = 0; call < calls; call++)
                {
                    long before = Stopwatch.GetTimestamp();
                    pairs[i].Do();
                    long between = Stopwatch.GetTimestamp();
                    pairs[i].Undo();
                    long after = Stopwatch.GetTimestamp();
                    times[2 * i].Add(Nanoseconds(between - before));
                    times[(2 * i) + 1].Add(Nanoseconds(after - between));
                }
            }
        }

        return [.. times.Select(Median)];
    }

    // A TimeSpan counts in steps of 100 ns, as long as much of what is timed.
    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;

    private static double[] Measure(Func<TimeSpan> clock, long operations, TimeSpan budget, ReadOnlySpan<Action> ways)
    {
        var times = new List<double>[ways.Length];
        for (int i = 0; i < ways.Length; i++)
        {
            times[i] = [];
            ways[i]();
        }

        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < MinRounds || (round < MaxRounds && Stopwatch.GetElapsedTime(start) < budget); round++)
        {
            for (int i = 0; i < ways.Length; i++)
            {
                TimeSpan before = clock();
                ways[i]();
                times[i].Add((clock() - before).TotalNanoseconds / operations);
            }
        }

        return [.. times.Select(Median)];
    }

    /// <summary>The middle one; of an even number the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
