using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>A row of a listing of ranges.</summary>
/// <param name="Root">The root table's address.</param>
/// <param name="Range">The range.</param>
/// <param name="MemoryType">The memory type in force; null for none.</param>
internal readonly record struct RangeRow(ulong Root, MappedRange Range, string? MemoryType);
