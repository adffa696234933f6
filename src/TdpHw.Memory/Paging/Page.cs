using System.Runtime.CompilerServices;

namespace TdpHw.Memory;

/// <summary>The 512 entries of a 4 KiB page, in an array that they share with other pages.</summary>
internal readonly struct Page
{
    public const int Shift = 12;
    public const int Size = 1 << Shift;
    public const int EntryCount = Size / sizeof(ulong);

    /// <summary>A page that was looked for and of which no entry could be had.</summary>
    public static readonly Page Absent = new([], 0, new ulong[EntryCount / 64]);

    // One bit an entry, or null when all are in memory: nearly every page is whole, and pays one compare.
    private readonly ulong[]? _present;

    public Page(ulong[] storage, int offset, ulong[]? present)
    {
        Storage = storage;
        Offset = offset;
        _present = present;
    }

    public ulong[] Storage { get; }

    public int Offset { get; }

    /// <summary>Whether <paramref name="count"/> entries from <paramref name="first"/> are all in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Covers(int first, int count) => _present is null || CoversPartly(first, count);

    private bool CoversPartly(int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            if ((_present![i / 64] >> (i % 64) & 1) == 0)
            {
                return false;
            }
        }

        return true;
    }
}
