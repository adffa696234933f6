using System.Globalization;
using TdpHw.Cli.Input;

namespace TdpHw.Cli.Listing;

/// <summary>How much may be listed: a 4-KiB table that points to itself maps more than anyone can read.</summary>
/// <param name="MaxRows">The largest number of rows, or of the leaves that ranges are made of.</param>
internal sealed record ListingBounds(long MaxRows)
{
    /// <summary>The number of rows when nothing is said.</summary>
    public const long UsualMaxRows = 1L << 28;

    /// <summary>
    /// The largest number of findings. It does not follow <see cref="MaxRows"/>: a short listing should not be cut because
    /// more tables than that are missing.
    /// </summary>
    public const long MaxFindings = 1L << 28;

    /// <summary>What to say when a listing is cut.</summary>
    public InputException Cut() => new(string.Create(
        CultureInfo.InvariantCulture, $"the listing is cut after {MaxRows} rows; allow more with --max-rows"));

    /// <summary>What to say when there are too many findings.</summary>
    public static InputException TooManyFindings() => new(string.Create(
        CultureInfo.InvariantCulture,
        $"the listing is cut: more than {MaxFindings} tables are not in memory or on their own path"));
}
