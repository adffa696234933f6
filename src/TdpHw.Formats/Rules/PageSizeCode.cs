namespace TdpHw.Formats;

/// <summary>How a leaf says how large it is.</summary>
public enum PageSizeCode : byte
{
    /// <summary>By its level.</summary>
    Level,

    /// <summary>
    /// By the lowest address bit that is zero: bit <c>k</c> says 2 to the power <c>k</c> + 1 bytes. The entry is repeated in all
    /// slots of the page.
    /// </summary>
    LowestZero,

    /// <summary>
    /// By the lowest address bit that is one: bit <c>k</c> says 2 to the power <c>k</c> + 1 bytes. The entry is repeated in all
    /// slots of the page.
    /// </summary>
    LowestOne,
}
