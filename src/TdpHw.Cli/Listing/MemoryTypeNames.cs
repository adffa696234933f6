using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>The names of a format's memory types, looked up without making a string for each row.</summary>
internal sealed class MemoryTypeNames
{
    private readonly string[] _names;

    /// <summary>The names of <paramref name="format"/>.</summary>
    public MemoryTypeNames(FormatDescription format)
    {
        // A memory type has at most three bits in every format that holds one in its entries.
        _names = [.. Enumerable.Range(0, 8).Select(i => Find(format, i))];
    }

    /// <summary>The name of <paramref name="type"/>; null for -1, "none in force".</summary>
    public string? this[int type] => type < 0 ? null : _names[type];

    private static string Find(FormatDescription format, int type) =>
        format.MemoryTypes?.NameOf((ulong)type) ?? type.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
