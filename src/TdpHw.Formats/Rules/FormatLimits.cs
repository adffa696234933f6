namespace TdpHw.Formats;

/// <summary>Bounds that hold for every format.</summary>
internal static class FormatLimits
{
    /// <summary>No format has more levels than this.</summary>
    public const int MaxLevels = 7;
}
