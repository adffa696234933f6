namespace TdpHw.Formats;

/// <summary>What the entries of a run look like.</summary>
/// <param name="Mask">The bits that count.</param>
/// <param name="First">What the first entry equals in these bits.</param>
/// <param name="Step">How much more each further entry is.</param>
/// <param name="StopMask">Bits that end the run at an entry that equals <paramref name="StopValue"/> in them.</param>
/// <param name="StopValue">A value that no entry has in those bits where none ends the run: one outside them.</param>
internal readonly record struct EntryPattern(ulong Mask, ulong First, ulong Step, ulong StopMask = 0, ulong StopValue = 1)
{
    /// <summary>Whether an entry at <paramref name="index"/> of the run looks as it has to.</summary>
    public bool Matches(ulong entry, int index) =>
        (entry & Mask) == First + ((ulong)index * Step) && (entry & StopMask) != StopValue;
}
