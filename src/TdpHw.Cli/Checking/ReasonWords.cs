using System.Globalization;
using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>The words for what stands in the way. Scripts rely on them.</summary>
internal static class ReasonWords
{
    /// <summary>The word of a code.</summary>
    public static string Of(ShareCode code) => code switch
    {
        ShareCode.ReservedBit => "reserved-bit",
        ShareCode.AddressWidth => "address-width",
        ShareCode.PageSize => "page-size",
        ShareCode.WalkDepth => "walk-depth",
        ShareCode.NotPresent => "not-present",
        ShareCode.IllegalEncoding => "illegal-encoding",
        ShareCode.BlockedOutput => "blocked-output",
        ShareCode.DifferentMapping => "different-mapping",
        ShareCode.UnwantedMapping => "unwanted-mapping",
        _ => "different-meaning",
    };

    /// <summary>The word of a kind of entry.</summary>
    public static string Of(EntryLayout kind) => kind == EntryLayout.Leaf ? "leaf" : "table";

    /// <summary>All that is wrong with an entry: codes, each with its bit where it has one.</summary>
    public static string Of(ShareOffender offender) => string.Join(", ", offender.Findings.Select(f => f.Bit is int bit
        ? string.Create(CultureInfo.InvariantCulture, $"{Of(f.Code)} {bit}")
        : Of(f.Code)));
}
