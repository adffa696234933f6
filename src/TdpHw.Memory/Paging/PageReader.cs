using System.Runtime.CompilerServices;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>Reads entries and tables from pages, the same way for every memory that has them.</summary>
internal static class PageReader
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadEntry<TSource>(TSource source, HostPhysicalAddress address, out ulong entry)
        where TSource : struct, IPageSource
    {
        int index = IndexOf(address);
        if (address.Value % sizeof(ulong) == 0
            && source.TryGetPage(address.Value >> Page.Shift, out Page page)
            && page.Covers(index, 1))
        {
            entry = page.Storage[page.Offset + index];
            return true;
        }

        entry = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGetTable<TSource>(
        TSource source, HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table)
        where TSource : struct, IPageSource
    {
        int index = IndexOf(address);
        if (entryCount > Page.EntryCount - index)
        {
            return source.TryJoin(address.Value, entryCount, out table);
        }

        if (entryCount > 0 && address.Value % sizeof(ulong) == 0
            && source.TryGetPage(address.Value >> Page.Shift, out Page page)
            && page.Covers(index, entryCount))
        {
            table = new ReadOnlySpan<ulong>(page.Storage, page.Offset + index, entryCount);
            return true;
        }

        table = default;
        return false;
    }

    private static int IndexOf(HostPhysicalAddress address) => (int)(address.Value % Page.Size) / sizeof(ulong);
}
