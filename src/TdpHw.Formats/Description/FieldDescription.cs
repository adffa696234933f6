using System.Collections.Immutable;
using System.Numerics;

namespace TdpHw.Formats;

/// <summary>A named field of an entry: where it stands, at which levels, in which layouts, under which capabilities.</summary>
public sealed record FieldDescription
{
    /// <summary>The field's name.</summary>
    public required string Name { get; init; }

    /// <summary>The short name that manuals and conditions use.</summary>
    public required string Symbol { get; init; }

    /// <summary>
    /// The field's bits; several ranges are joined, the first one highest. None when <see cref="Position"/> says where it is.
    /// </summary>
    public required ImmutableArray<BitRange> Bits { get; init; }

    /// <summary>The capability that says where the field's one bit is; null when <see cref="Bits"/> do.</summary>
    public string? Position { get; init; }

    /// <summary>A bit for each level, by number, that has the field.</summary>
    public required uint Levels { get; init; }

    /// <summary>The layouts that have the field.</summary>
    public required EntryLayout Layouts { get; init; }

    /// <summary>The capabilities under which the field is in force.</summary>
    public CapabilityCondition Condition { get; init; }

    /// <summary>What the field is to generic code.</summary>
    public FieldRole Role { get; init; }

    /// <summary>How the field gives way to bits that are always set; null when it does not.</summary>
    public FieldDisplacement? Displacement { get; init; }

    /// <summary>The names of its values, when they have some.</summary>
    public EnumDescription? Values { get; init; }

    /// <summary>What it means.</summary>
    public required string Summary { get; init; }

    /// <summary>Where that stands.</summary>
    public string Source { get; init; } = "";

    /// <summary>All of the field's bits, set.</summary>
    public ulong Mask
    {
        get
        {
            ulong mask = 0;
            for (int i = 0; i < Bits.Length; i++)
            {
                mask |= Bits[i].Mask;
            }

            return mask;
        }
    }

    /// <summary>How many bits the field has.</summary>
    public int Width => BitOperations.PopCount(Mask);

    /// <summary>Whether an entry at <paramref name="level"/> with <paramref name="layout"/> has the field.</summary>
    public bool AppliesTo(int level, EntryLayout layout) =>
        (Levels >> level & 1) != 0
        && (Layouts & (layout == EntryLayout.RefusedLeaf ? EntryLayout.Table : layout)) != 0;

    /// <summary>The field as it is on a machine, where its bits are known.</summary>
    public FieldDescription On(CapabilityValues capabilities)
    {
        ArgumentNullException.ThrowIfNull(capabilities);
        return Position is not null && capabilities.IndexOf(Position) is >= 0 and var index && capabilities[index] is int bit
            ? this with { Bits = [new BitRange(bit, bit)] }
            : this;
    }

    /// <summary>The field's value in <paramref name="entry"/>; of a displaced field, the bits as they stand.</summary>
    public ulong Extract(ulong entry)
    {
        ulong value = 0;
        for (int i = 0; i < Bits.Length; i++)
        {
            BitRange range = Bits[i];
            value = value << range.Width | (entry & range.Mask) >> range.Low;
        }

        return value;
    }

    /// <summary>An entry with the field's value as given; of a displaced field, before the displacement.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> needs more bits than the field has.</exception>
    public ulong Insert(ulong entry, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Width < 64 ? value >> Width : 0, 0ul, nameof(value));
        int shift = Width;
        foreach (BitRange range in Bits)
        {
            shift -= range.Width;
            entry = (entry & ~range.Mask) | (value >> shift << range.Low & range.Mask);
        }

        return entry;
    }
}
