using System.Diagnostics.CodeAnalysis;

namespace TdpHw.Formats;

/// <summary>What each entry of a table is, a bitmap for each question.</summary>
[SuppressMessage("Design", "CA1051", Justification = "Fields, so that a scan fills the bitmaps in place.")]
public struct TableBitmaps
{
    /// <summary>Entries that are present.</summary>
    public EntryBitmap Present;

    /// <summary>Present entries with the layout of a leaf, well formed or not.</summary>
    public EntryBitmap Leaf;

    /// <summary>Present entries with a reserved bit set or a refused combination.</summary>
    public EntryBitmap Violation;

    /// <summary>Present entries that the hardware has marked as used.</summary>
    public EntryBitmap Accessed;

    /// <summary>Leaves that the hardware has marked as written.</summary>
    public EntryBitmap Dirty;
}
