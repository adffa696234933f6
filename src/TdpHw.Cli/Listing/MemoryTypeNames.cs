using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>The names of a format's memory types, looked up without making a string for each row.</summary>
internal sealed class MemoryTypeNames
{
    private readonly FormatDescription _format;
    private readonly string[] _names;

    /// <summary>The names of <paramref name="format"/>.</summary>
    public MemoryTypeNames(FormatDescription format)
    {
        _format = format;

        // The memory types of x86 have three bits; of a format that has more of them a name may be made for a row.
        _names = [.. Enumerable.Range(0, 8).Select(i => Find(format, i))];
    }

    /// <summary>The name of <paramref name="type"/>; null for -1, "none in force".</summary>
    public string? this[int type] => type < 0 ? null : type < _names.Length ? _names[type] : Find(_format, type);

    private static string Find(FormatDescription format, int type) =>
        format.MemoryTypes?.NameOf((ulong)type) ?? type.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
