namespace TdpHw.Formats;

/// <summary>Reads what the hardware marked entries with, many of them at a time.</summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
/// <typeparam name="TLanes">How many entries there are side by side.</typeparam>
internal interface IEntryMarks<TSelf, TLanes>
    where TSelf : struct, IEntryMarks<TSelf, TLanes>
    where TLanes : struct, IEntryLanes<TLanes>
{
    /// <summary>A reader of two marks.</summary>
    /// <param name="accessed">The bit that marks used entries; 0 where none does.</param>
    /// <param name="dirty">The bit that marks written ones; 0 where none does.</param>
    static abstract TSelf Of(ulong accessed, ulong dirty);

    /// <summary>
    /// A bit for each entry of four vectors that has a mark, that of the first entry lowest; anything for a mark that there is not.
    /// </summary>
    static abstract void Read(
        in TSelf marks, TLanes entries0, TLanes entries1, TLanes entries2, TLanes entries3, out ulong used, out ulong written);
}
