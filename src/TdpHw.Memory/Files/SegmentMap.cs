
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
            if (FaultOf(segment) is string fault)
            {
                throw new ArgumentException($"segment {segment}: {fault}.", nameof(segments));
            }
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

    private static string? FaultOf(MemorySegment segment)
    {
        if (segment.Start.Value % sizeof(ulong) != 0)
        {
            return "its start is not a multiple of 8";
        }

        if (segment.Size == 0)
        {
            return "it is empty";
        }

        if (segment.Size - 1 > ulong.MaxValue - segment.Start.Value)
        {
            return "it passes the end of the 64-bit address space";
        }

        if (segment.FileOffset < 0)
        {
            return "its file offset is negative";
        }

        return segment.Size > (ulong)(long.MaxValue - segment.FileOffset)
            ? "it passes the largest possible file offset"
            : null;
    }
}
