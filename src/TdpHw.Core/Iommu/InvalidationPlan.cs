using System.Collections.Immutable;
using System.Numerics;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// Which descriptors a flush of an imported table becomes, on one unit. A pure function: it knows the unit's CAP_REG and nothing
/// of its state. (Series, patch 22; Linux 6.7 drivers/iommu/intel/iommu.c, iommu_flush_iotlb_psi.)
/// </summary>
internal static class InvalidationPlan
{
    private const int PageShift = 12;
    private const ulong PageMask = (1ul << PageShift) - 1;

    /// <summary>The descriptors, in the order in which they are to be submitted: a device asks again only after the unit forgot.</summary>
    /// <param name="flush">What changed.</param>
    /// <param name="cap">The unit's CAP_REG.</param>
    /// <param name="mode">How faithful to the posted code.</param>
    /// <param name="domain">The domain's number on the unit.</param>
    /// <param name="devices">The domain's devices behind the unit that keep translations.</param>
    public static ImmutableArray<InvalidationDescriptor> For(
        TdpFlush flush, VtdCap cap, SharingMode mode, int domain, ReadOnlySpan<DeviceAddress> devices)
    {
        var plan = ImmutableArray.CreateBuilder<InvalidationDescriptor>(1 + devices.Length);
        if (flush.IsAll)
        {
            plan.Add(InvalidationDescriptor.OfDomain(domain));
            foreach (DeviceAddress device in devices)
            {
                plan.Add(InvalidationDescriptor.OfWholeDevice(device));
            }

            return plan.DrainToImmutable();
        }

        if (BlockOf(flush, mode) is not (InputAddress address, int mask))
        {
            return [];
        }

        bool leavesOnly = !flush.FreesTables || !mode.Closes(Hazard.FlushKeepsFreedTables);
        plan.Add(cap.PageSelectiveInvalidation && (ulong)mask <= cap.MaxAddressMask
            ? InvalidationDescriptor.OfPages(domain, address, mask, leavesOnly)
            : InvalidationDescriptor.OfDomain(domain));
        foreach (DeviceAddress device in devices)
        {
            plan.Add(InvalidationDescriptor.OfDevice(device, address, mask));
        }

        return plan.DrainToImmutable();
    }

    private static (InputAddress Address, int Mask)? BlockOf(TdpFlush flush, SharingMode mode)
    {
        if (mode.Closes(Hazard.FlushDropped))
        {
            if (flush.Size == 0)
            {
                return null;
            }

            ulong last = flush.Start + Math.Min(flush.Size - 1, ulong.MaxValue - flush.Start);
            return (new(flush.Start & ~PageMask), MaskOver(flush.Start >> PageShift, last >> PageShift));
        }

        // The posted code takes whole pages only, and counts them with 32 bits.
        uint pages = (uint)(flush.Size >> PageShift);
        if (((flush.Start | flush.Size) & PageMask) != 0 || pages == 0)
        {
            return null;
        }

        ulong first = flush.Start >> PageShift;
        ulong block = BitOperations.RoundUpToPowerOf2((ulong)pages);
        return (new(flush.Start), (first & (block - 1)) == 0
            ? BitOperations.Log2(block)
            : MaskOver(first, first + pages - 1));
    }

    /// <summary>How large a block must be that is aligned to its size and has both pages.</summary>
    private static int MaskOver(ulong first, ulong last) =>
        Math.Min(64 - BitOperations.LeadingZeroCount(first ^ last), 64 - PageShift);
}
