
namespace TdpHw.Memory;

/// <summary>Checked segments in the order of their addresses. No sum in here overflows: that is what was checked.</summary>
internal sealed class SegmentMap
{
    private readonly MemorySegment[] _segments;

    /// <exception cref="ArgumentException">A segment is not possible, or two overlap.</exception>
    public SegmentMap(IReadOnlyList<MemorySegment> segments)
    {
        foreach (MemorySegment segment in segments)
        {
            Check(segment);
        }

        _segments = [.. segments.OrderBy(s => s.Start)];
        for (int i = 1; i < _segments.Length; i++)
        {
            if (Last(_segments[i - 1]) >= _segments[i].Start.Value)
            {
                throw new ArgumentException($"segments {_segments[i - 1]} and {_segments[i]} overlap.", nameof(segments));
            }
        }
    }

    /// <summary>The segments that have a byte in the page called <paramref name="number"/> (address / 4096).</summary>
    public ReadOnlySpan<MemorySegment> Within(ulong number)
    {
        ulong pageFirst = number << Page.Shift;
        ulong pageLast = pageFirst + (Page.Size - 1);
        int low = 0;
        int high = _segments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Last(_segments[middle]) < pageFirst)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int end = low;
        while (end < _segments.Length && _segments[end].Start.Value <= pageLast)
        {
            end++;
        }

        return _segments.AsSpan(low, end - low);
    }

    /// <summary>The segment's last address. An address after it might not exist.</summary>
    public static ulong Last(MemorySegment segment) => segment.Start.Value + (segment.Size - 1);

    private static void Check(MemorySegment segment)
    {
        if (segment.Start.Value % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"segment {segment}: the start is not a multiple of 8.", nameof(segment));
        }

        if (segment.Size == 0)
        {
            throw new ArgumentException($"segment {segment}: the size is 0.", nameof(segment));
        }

        if (segment.Size - 1 > ulong.MaxValue - segment.Start.Value)
        {
            throw new ArgumentException($"segment {segment} passes the end of the 64-bit address space.", nameof(segment));
        }

        if (segment.FileOffset < 0)
        {
            throw new ArgumentException($"segment at {segment.Start}: the file offset is negative.", nameof(segment));
        }

        if (segment.Size - 1 > (ulong)(long.MaxValue - segment.FileOffset))
        {
            throw new ArgumentException($"segment {segment} passes the largest possible file offset.", nameof(segment));
        }
    }
}
