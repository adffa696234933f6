using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TdpHw.Formats;

/// <summary>Answers for four entries at a time that are the usual leaf of a level.</summary>
internal readonly ref struct LeafLanes
{
    private readonly Vector256<ulong> _mask;
    private readonly Vector256<ulong> _bits;
    private readonly Vector256<ulong> _pageAddress;
    private readonly Vector256<ulong> _highAddress;
    private readonly Vector256<ulong> _inPage;
    private readonly Vector256<ulong> _flags;
    private readonly int _addressShift;

    /// <summary>Answers for what <paramref name="usual"/> is.</summary>
    /// <param name="rules">The rules of the level.</param>
    /// <param name="usual">The usual leaf.</param>
    /// <param name="addressShift">An address is its bits in the entry shifted left by this.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LeafLanes(LevelRules rules, in UsualStep usual, int addressShift)
    {
        _mask = Vector256.Create(usual.Entry.Mask);
        _bits = Vector256.Create(usual.Entry.Bits);
        _pageAddress = Vector256.Create(rules.LeafAddress);
        _highAddress = Vector256.Create(usual.Entry.HighAddress);
        _inPage = Vector256.Create(rules.PageSize - 1);
        _flags = Vector256.Create(usual.Flags);
        _addressShift = addressShift;
    }

    /// <summary>Whether all four entries look like the usual leaf.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Match(Vector256<ulong> entries) => (entries & _mask) == _bits;

    /// <summary>Writes the four answers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Answer(Vector256<ulong> entries, Vector256<ulong> entryAddresses, Vector256<ulong> addresses, ref WalkResult results) =>
        WalkResult.StoreFour(
            entries,
            entryAddresses,
            ((entries & _pageAddress) << _addressShift) | _highAddress | (addresses & _inPage),
            _flags,
            ref results);
}
