using System.Collections.Immutable;
using System.Globalization;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Whose steps came after whose. Its text says of each turn the thread and how many steps it took: <c>0x12 1x3</c>.</summary>
/// <param name="Threads">The thread of each step.</param>
internal sealed record Schedule(ImmutableArray<int> Threads)
{
    /// <summary>How often another thread went on than the one before.</summary>
    public int Switches => Threads.Skip(1).Zip(Threads, (next, previous) => next != previous).Count(isSwitch => isSwitch);

    /// <summary>Reads the text of a schedule.</summary>
    public static Schedule Parse(string text) => new(
    [
        .. text.Split(' ').Select(turn => turn.Split('x')).SelectMany(turn => Enumerable.Repeat(
            int.Parse(turn[0], CultureInfo.InvariantCulture), int.Parse(turn[1], CultureInfo.InvariantCulture))),
    ]);

    /// <inheritdoc/>
    public override string ToString()
    {
        var turns = new List<string>();
        for (int start = 0, end; start < Threads.Length; start = end)
        {
            end = start + 1;
            while (end < Threads.Length && Threads[end] == Threads[start])
            {
                end++;
            }

            turns.Add(string.Create(CultureInfo.InvariantCulture, $"{Threads[start]}x{end - start}"));
        }

        return string.Join(' ', turns);
    }
}
