namespace TdpHw.Core.Sharing;

/// <summary>The words that reports use for codes.</summary>
public static class ShareCodeNames
{
    /// <summary>The word for <paramref name="code"/>.</summary>
    public static string ToWord(this ShareCode code) => code switch
    {
        ShareCode.ReservedBit => "reserved-bit",
        ShareCode.AddressWidth => "address-width",
        ShareCode.PageSize => "page-size",
        ShareCode.WalkDepth => "walk-depth",
        ShareCode.NotPresent => "not-present",
        ShareCode.IllegalEncoding => "illegal",
        ShareCode.BlockedOutput => "blocked-output",
        ShareCode.DifferentMapping => "different-mapping",
        ShareCode.UnwantedMapping => "unwanted-mapping",
        _ => "different-meaning",
    };
}
