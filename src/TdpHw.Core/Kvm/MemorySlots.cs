using System.Collections.Immutable;

namespace TdpHw.Core.Kvm;

/// <summary>
/// The slots of a VM at one moment, with the number of changes so far. A change makes a new value, so that a reader has slots and
/// generation of the same moment.
/// </summary>
/// <param name="Slots">The slots, by their first frames.</param>
/// <param name="Changes">How many changes there were.</param>
internal sealed record MemorySlots(ImmutableArray<MemorySlot> Slots, ulong Changes)
{
    /// <summary>How many address spaces a VM has: with and without system-management mode (KVM_ADDRESS_SPACE_NUM on x86).</summary>
    public const int AddressSpaces = 2;

    public static MemorySlots None { get; } = new([], 0);

    /// <summary>The generation as MMIO entries record it: each address space counts in steps of how many there are.</summary>
    public ulong Generation(int addressSpace) => (Changes * AddressSpaces) + (ulong)addressSpace;

    /// <summary>The slot with a guest frame, or null.</summary>
    public MemorySlot? Find(ulong gfn)
    {
        int low = 0;
        int high = Slots.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            MemorySlot slot = Slots[middle];
            if (slot.Contains(gfn))
            {
                return slot;
            }

            (low, high) = gfn < slot.FirstGfn ? (low, middle - 1) : (middle + 1, high);
        }

        return null;
    }

    /// <summary>Whether a slot has a frame from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public bool Overlaps(ulong first, ulong last) => Slots.Any(s => s.FirstGfn <= last && first <= s.LastGfn);

    public MemorySlots With(MemorySlot slot) =>
        new(Slots.Add(slot).Sort((a, b) => a.FirstGfn.CompareTo(b.FirstGfn)), Changes + 1);

    public MemorySlots WithInvalid() => this with { Changes = Changes + 1 };

    public MemorySlots Without(MemorySlot slot) => new(Slots.Remove(slot), Changes + 1);
}
