namespace TdpHw.Memory;

/// <summary>Pages with all that belongs to them, replaced as one when a bounded memory starts afresh.</summary>
internal sealed class PageCache
{
    public PageIndex Index { get; } = new();

    public PageArena Arena { get; } = new();

    public JoinedTables Joined { get; } = new();

    /// <summary>How many pages of storage this holds or once looked for.</summary>
    public long PageCount => Index.Count + Joined.PageCount;
}
