using System.Globalization;

namespace TdpHw.Cli.Output;

/// <summary>Numbers as answers write them.</summary>
internal static class HexText
{
    /// <summary>Lower-case hexadecimal with <c>0x</c>, without leading zeros.</summary>
    public static string Of(ulong value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
