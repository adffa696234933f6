using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>The addresses of a batch as runs of neighbours that lie in one lowest table.</summary>
internal readonly ref struct AddressRuns
{
    /// <summary>Of so many neighbours the work for a run is worth it.</summary>
    public const int Least = 16;

    private readonly ref ulong _addresses;
    private readonly int _count;
    private readonly int _shift;
    private readonly bool _sideBySide;

    /// <summary>Looks for runs in <paramref name="addresses"/>.</summary>
    /// <param name="addresses">The addresses of the batch.</param>
    /// <param name="shift">Addresses that are equal from this bit on lie in one lowest table.</param>
    /// <param name="sideBySide">Whether to compare several addresses at a time.</param>
    public AddressRuns(ReadOnlySpan<ulong> addresses, int shift, bool sideBySide)
    {
        _addresses = ref MemoryMarshal.GetReference(addresses);
        _count = addresses.Length;
        _shift = shift;
        _sideBySide = sideBySide;
    }

    /// <summary>Whether at least <see cref="Least"/> addresses from <paramref name="start"/> on lie in one lowest table.</summary>
    public bool BeginsAt(int start)
    {
        int last = start + Least - 1;
        return last < _count
            && (Unsafe.Add(ref _addresses, start) ^ Unsafe.Add(ref _addresses, last)) >> _shift == 0
            && LengthAt(start) >= Least;
    }

    /// <summary>How many addresses from <paramref name="start"/> on lie in one lowest table.</summary>
    public int LengthAt(int start)
    {
        ulong first = Unsafe.Add(ref _addresses, start);
        int end = start + 1;
        if (_sideBySide)
        {
            Vector256<ulong> all = Vector256.Create(first);
            for (; end + (2 * Vector256<ulong>.Count) <= _count; end += 2 * Vector256<ulong>.Count)
            {
                Vector256<ulong> difference = (Vector256.LoadUnsafe(ref _addresses, (nuint)end) ^ all)
                    | (Vector256.LoadUnsafe(ref _addresses, (nuint)(end + Vector256<ulong>.Count)) ^ all);
                if (difference >> _shift != Vector256<ulong>.Zero)
                {
                    break;
                }
            }
        }

        while (end < _count && (first ^ Unsafe.Add(ref _addresses, end)) >> _shift == 0)
        {
            end++;
        }

        return end - start;
    }
}
