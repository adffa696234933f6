using System.Globalization;
using TdpHw.Cli.Input;

namespace TdpHw.Cli.Listing;

/// <summary>How much may be listed: a 4-KiB table that points to itself maps more than anyone can read.</summary>
/// <param name="MaxRows">The largest number of rows, or of the leaves that ranges are made of.</param>
internal sealed record ListingBounds(long MaxRows)
{
    /// <summary>The number of rows when nothing is said.</summary>
    public const long UsualMaxRows = 1L << 28;

    /// <summary>What to say when a listing is cut.</summary>
    public InputException Cut() => new(string.Create(
        CultureInfo.InvariantCulture, $"the listing is cut after {MaxRows} rows; allow more with --max-rows"));
}
