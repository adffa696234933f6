using TdpHw.Cli.Input;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Listing;

/// <summary>How much may be listed: a 4-KiB table that points to itself maps more than anyone can read.</summary>
/// <param name="MaxRows">The largest number of rows, or of the leaves that ranges are made of.</param>
internal sealed record ListingBounds(long MaxRows)
{
    /// <summary>The number of rows when nothing is said.</summary>
    public const long UsualMaxRows = 1L << 28;

    /// <summary>What to say when a listing is cut.</summary>
    public InputException Cut() => new(
        $"the listing is cut after {CountText.Of(MaxRows, "row", "rows")}; allow more with --max-rows");
}
