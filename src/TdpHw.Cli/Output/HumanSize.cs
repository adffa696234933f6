using System.Globalization;

namespace TdpHw.Cli.Output;

/// <summary>Sizes as people say them.</summary>
internal static class HumanSize
{
    /// <summary>The size in the largest unit that divides it: <c>4K</c>, <c>2M</c>, <c>1536K</c>.</summary>
    public static string Of(ulong bytes)
    {
        const string Units = " KMGTPE";
        int unit = 0;
        while (unit < Units.Length - 1 && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        string number = bytes.ToString(CultureInfo.InvariantCulture);
        return unit == 0 ? number : number + Units[unit];
    }
}
