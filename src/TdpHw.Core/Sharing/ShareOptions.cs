namespace TdpHw.Core.Sharing;

/// <summary>Bounds of a check.</summary>
public sealed record ShareOptions
{
    /// <summary>The default bounds.</summary>
    public static ShareOptions Default { get; } = new();

    /// <summary>How many offenders are listed one by one; all are counted.</summary>
    public int MaxOffenders { get; init; } = 1 << 20;

    /// <summary>How many entries are judged.</summary>
    public long MaxEntries { get; init; } = 1L << 28;
}
