namespace TdpHw.Memory;

/// <summary>A memory that is made of pages. Implemented by structs, so that reading is compiled for each.</summary>
internal interface IPageSource
{
    /// <summary>The page called <paramref name="number"/> (address / 4096), which may be in memory only partly.</summary>
    bool TryGetPage(ulong number, out Page page);

    /// <summary>A table that lies in several pages.</summary>
    bool TryJoin(ulong address, int entryCount, out ReadOnlySpan<ulong> table);
}
