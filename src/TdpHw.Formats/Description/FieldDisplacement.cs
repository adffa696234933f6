namespace TdpHw.Formats;

/// <summary>
/// How a field gives way to bits that are always set: those just below a width are set whatever the value is, and the value's
/// own bits there move up by as many.
/// </summary>
/// <param name="Bits">How many bits are set.</param>
/// <param name="Capability">The capability that says below which width; without a value nothing is displaced.</param>
public sealed record FieldDisplacement(int Bits, string Capability)
{
    /// <summary>The entry with the value's bits back in their own place.</summary>
    /// <param name="entry">The entry as it stands.</param>
    /// <param name="width">The width that the capability says.</param>
    public ulong Undo(ulong entry, int width)
    {
        ulong covered = ((1ul << Bits) - 1) << (width - Bits);
        return (entry & ((1ul << (width - Bits)) - 1)) | (entry >> Bits & covered);
    }

    /// <summary>The entry with the always-set bits set and the value's bits there moved up.</summary>
    /// <param name="entry">The entry with the value at its own place.</param>
    /// <param name="width">The width that the capability says.</param>
    public ulong Apply(ulong entry, int width)
    {
        ulong covered = ((1ul << Bits) - 1) << (width - Bits);
        return (entry & ~covered) | covered | (entry & covered) << Bits;
    }
}
