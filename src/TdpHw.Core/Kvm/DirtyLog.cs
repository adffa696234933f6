using System.Collections.Concurrent;
using System.Numerics;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>
/// Which frames of a slot were written: a bitmap that any thread marks, with a chunk only where something was, so that a slot of
/// terabytes costs what its guest touches.
/// </summary>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
internal sealed class DirtyLog(Interleaving? interleaving)
{
    private const int WordsPerChunk = 512;
    private const ulong FramesPerChunk = WordsPerChunk * 64;

    private readonly ConcurrentDictionary<ulong, ulong[]> _chunks = new();

    /// <summary>Marks a frame.</summary>
    /// <param name="offset">Which frame of the slot.</param>
    public void Mark(ulong offset)
    {
        // Marks can be exchanged with each other; who looks for marks and takes them counts as writing.
        interleaving?.Before(this, (long)(offset / 64), writes: false);
        ulong[] chunk = _chunks.GetOrAdd(offset / FramesPerChunk, _ => new ulong[WordsPerChunk]);
        Interlocked.Or(ref chunk[WordIn(offset)], Bit(offset));
    }

    /// <summary>Takes a mark.</summary>
    /// <returns>Whether the frame was marked.</returns>
    public bool Take(ulong offset)
    {
        interleaving?.Before(this, (long)(offset / 64), writes: true);
        return _chunks.TryGetValue(offset / FramesPerChunk, out ulong[]? chunk)
            && (Interlocked.And(ref chunk[WordIn(offset)], ~Bit(offset)) & Bit(offset)) != 0;
    }

    /// <summary>The marked frames from <paramref name="first"/> to <paramref name="last"/>, lowest first.</summary>
    public IEnumerable<ulong> Marked(ulong first, ulong last)
    {
        ulong[] chunks = [.. _chunks.Keys.Where(c => c >= first / FramesPerChunk && c <= last / FramesPerChunk).Order()];
        foreach (ulong number in chunks)
        {
            ulong[] chunk = _chunks[number];
            for (int word = 0; word < WordsPerChunk; word++)
            {
                ulong start = (number * FramesPerChunk) + ((ulong)word * 64);
                if (start > last || start + 63 < first)
                {
                    continue;
                }

                interleaving?.Before(this, (long)(start / 64), writes: true);
                for (ulong bits = Volatile.Read(ref chunk[word]); bits != 0; bits &= bits - 1)
                {
                    ulong offset = start + (ulong)BitOperations.TrailingZeroCount(bits);
                    if (offset >= first && offset <= last)
                    {
                        yield return offset;
                    }
                }
            }
        }
    }

    private static int WordIn(ulong offset) => (int)(offset % FramesPerChunk / 64);

    private static ulong Bit(ulong offset) => 1ul << (int)(offset % 64);
}
