namespace TdpHw.Formats.Tests.Generated;

/// <summary>A table as a scan showed it.</summary>
internal sealed record ScannedTable(
    int Level, ulong Table, ulong Address, int FirstEntry, ulong[] Entries, TableBitmaps Bitmaps);
