using System.Collections.Immutable;

namespace TdpHw.Core.Kvm;

/// <summary>A set of guest frames that comes in ranges: what it costs depends on the ranges, not on the frames.</summary>
/// <param name="ranges">The ranges, sorted, none touching another.</param>
internal sealed class FrameRanges(ImmutableArray<(ulong First, ulong Last)> ranges)
{
    public static FrameRanges None { get; } = new([]);

    /// <summary>Whether a frame from <paramref name="first"/> to <paramref name="last"/> is in the set.</summary>
    public bool Overlaps(ulong first, ulong last)
    {
        foreach ((ulong from, ulong to) in ranges)
        {
            if (from <= last && first <= to)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The set with a range more.</summary>
    /// <param name="first">The first frame.</param>
    /// <param name="last">The last frame.</param>
    /// <param name="added">How many of the frames were not in the set.</param>
    public FrameRanges With(ulong first, ulong last, out ulong added)
    {
        added = last - first + 1;
        (ulong joinedFirst, ulong joinedLast) = (first, last);
        int place = 0;
        List<(ulong First, ulong Last)> kept = new(ranges.Length + 1);
        foreach ((ulong from, ulong to) in ranges)
        {
            if (from > last && from - last > 1)
            {
                kept.Add((from, to));
                continue;
            }

            if (to < first && first - to > 1)
            {
                kept.Add((from, to));
                place = kept.Count;
                continue;
            }

            if (from <= last && first <= to)
            {
                added -= Math.Min(to, last) - Math.Max(from, first) + 1;
            }

            joinedFirst = Math.Min(joinedFirst, from);
            joinedLast = Math.Max(joinedLast, to);
        }

        kept.Insert(place, (joinedFirst, joinedLast));
        return new FrameRanges([.. kept]);
    }
}
