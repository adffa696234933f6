using System.Collections.Concurrent;

namespace TdpHw.Core.Kvm;

/// <summary>
/// The frames that the host has given to pages of one size, which any thread finds, gives and takes back without a lock. There is a
/// chunk only where a page ever had a frame, so that a slot of terabytes costs what its guest touches.
/// </summary>
/// <param name="level">The size of the pages, as a level.</param>
internal sealed class HostBlocks(int level)
{
    private const int BlocksPerChunk = 64;

    private readonly ConcurrentDictionary<ulong, Chunk> _chunks = new();

    // Faults come to neighbours more often than not.
    private Chunk? _last;

    /// <summary>The size of the pages, as a level.</summary>
    public int Level => level;

    /// <summary>Where the frame of a page starts; 0, where the firmware's memory is, when it has none.</summary>
    public ulong Find(ulong block) => ChunkOf(block) is { } chunk ? Volatile.Read(ref chunk.Starts[IndexOf(block)]) : 0;

    /// <summary>Gives a page a frame unless it has one.</summary>
    /// <returns>Where the frame that it has now starts.</returns>
    public ulong Give(ulong block, ulong start)
    {
        Chunk chunk = ChunkOf(block) ?? _chunks.GetOrAdd(block / BlocksPerChunk, static number => new Chunk(number));
        ulong there = Interlocked.CompareExchange(ref chunk.Starts[IndexOf(block)], start, 0);
        return there == 0 ? start : there;
    }

    /// <summary>Takes a page's frame away if it is the one that was given.</summary>
    /// <returns>Whether it was: one thread alone takes a frame.</returns>
    public bool TryTakeBack(ulong block, ulong start) =>
        ChunkOf(block) is { } chunk && Interlocked.CompareExchange(ref chunk.Starts[IndexOf(block)], 0, start) == start;

    /// <summary>Takes the frames of all pages from <paramref name="first"/> to <paramref name="last"/> away, one by one, lowest first.</summary>
    public IEnumerable<ulong> TakeBack(ulong first, ulong last)
    {
        (ulong firstChunk, ulong lastChunk) = (first / BlocksPerChunk, last / BlocksPerChunk);
        foreach (Chunk chunk in _chunks.Values.Where(c => c.Number >= firstChunk && c.Number <= lastChunk).OrderBy(c => c.Number))
        {
            int from = chunk.Number == firstChunk ? IndexOf(first) : 0;
            int to = chunk.Number == lastChunk ? IndexOf(last) : BlocksPerChunk - 1;
            for (int index = from; index <= to; index++)
            {
                ulong start = Interlocked.Exchange(ref chunk.Starts[index], 0);
                if (start != 0)
                {
                    yield return start;
                }
            }
        }
    }

    private Chunk? ChunkOf(ulong block)
    {
        ulong number = block / BlocksPerChunk;
        if (Volatile.Read(ref _last) is { } last && last.Number == number)
        {
            return last;
        }

        if (_chunks.TryGetValue(number, out Chunk? chunk))
        {
            Volatile.Write(ref _last, chunk);
        }

        return chunk;
    }

    private static int IndexOf(ulong block) => (int)(block % BlocksPerChunk);

    private sealed class Chunk(ulong number)
    {
        public readonly ulong Number = number;
        public readonly ulong[] Starts = new ulong[BlocksPerChunk];
    }
}
