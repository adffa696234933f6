using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// A TLB that never forgets by itself, so that every missing invalidation shows. Translations carry a tag: the domain, or the
/// root, that they belong to. Its owner guards it.
/// </summary>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
internal sealed class TranslationCache(Interleaving? interleaving)
{
    private readonly Dictionary<(ulong Tag, int Shift, ulong Page), CachedTranslation> _pages = [];

    // The page sizes that were ever added, a bit for each: a lookup asks for no other.
    private ulong _shifts;

    /// <summary>How many translations there are.</summary>
    public int Count => _pages.Count;

    /// <summary>Finds the translation of an address; of several, that of the smallest page.</summary>
    public bool TryFind(ulong tag, InputAddress address, out CachedTranslation translation)
    {
        interleaving?.Before(this, 0, writes: false);
        for (ulong shifts = _shifts; shifts != 0; shifts &= shifts - 1)
        {
            int shift = BitOperations.TrailingZeroCount(shifts);
            if (_pages.TryGetValue((tag, shift, address.Value >> shift), out translation))
            {
                return true;
            }
        }

        translation = default;
        return false;
    }

    /// <summary>Adds a translation, in place of one of the same page.</summary>
    public void Add(ulong tag, in CachedTranslation translation)
    {
        interleaving?.Before(this, 0, writes: true);
        _shifts |= 1ul << translation.Shift;
        _pages[(tag, translation.Shift, translation.Input.Value >> translation.Shift)] = translation;
    }

    /// <summary>Drops every translation of a tag that has an address from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public void Drop(ulong tag, ulong first, ulong last)
    {
        interleaving?.Before(this, 0, writes: true);
        for (ulong shifts = _shifts; shifts != 0; shifts &= shifts - 1)
        {
            int shift = BitOperations.TrailingZeroCount(shifts);
            ulong firstPage = first >> shift;
            ulong count = (last >> shift) - firstPage + 1;
            if (count != 0 && count <= (ulong)_pages.Count)
            {
                for (ulong page = firstPage; page < firstPage + count; page++)
                {
                    _pages.Remove((tag, shift, page));
                }
            }
            else
            {
                DropWhere(key => key.Tag == tag && key.Shift == shift && key.Page >= firstPage && key.Page <= last >> shift);
            }
        }
    }

    /// <summary>Drops every translation of a tag.</summary>
    public void Drop(ulong tag)
    {
        interleaving?.Before(this, 0, writes: true);
        DropWhere(key => key.Tag == tag);
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        interleaving?.Before(this, 0, writes: true);
        _pages.Clear();
    }

    private void DropWhere(Predicate<(ulong Tag, int Shift, ulong Page)> matches)
    {
        foreach ((ulong, int, ulong) key in _pages.Keys.Where(k => matches(k)).ToArray())
        {
            _pages.Remove(key);
        }
    }
}
