using System.Globalization;
using System.Numerics;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// A descriptor of a unit's invalidation queue. (Intel VT-d Architecture Specification, 6.5.2 "Queued Invalidation Interface".)
/// </summary>
public readonly record struct InvalidationDescriptor
{
    private const int PageShift = 12;
    private const int PageBits = 64 - PageShift;
    private const ulong PageMask = (1ul << PageShift) - 1;

    private readonly ulong _address;

    private InvalidationDescriptor(InvalidationKind kind) => Kind = kind;

    /// <summary>What it drops.</summary>
    public InvalidationKind Kind { get; }

    /// <summary>Whose entries or translations; 0 for all and for a device's.</summary>
    public int Domain { get; private init; }

    /// <summary>The device whose own translations are dropped.</summary>
    public DeviceAddress Device { get; private init; }

    /// <summary>
    /// The address field as it stands in the descriptor: of a device TLB's with <see cref="HasSize"/> its low bits say how large the
    /// block is, of an IOTLB's the unit ignores those below the block's size.
    /// </summary>
    public InputAddress Address
    {
        get => new(_address);
        private init => _address = value.Value;
    }

    /// <summary>The address mask (AM): the block has 2 to this power pages of 4 KiB.</summary>
    public int AddressMask { get; private init; }

    /// <summary>The invalidation hint (IH): only leaves changed, so that the unit may keep tables that it knows.</summary>
    public bool LeavesOnly { get; private init; }

    /// <summary>The S bit of a device TLB's: the address says how large the block is.</summary>
    public bool HasSize { get; private init; }

    /// <summary>The first address of the block.</summary>
    public InputAddress First => new(_address & ~BlockMask);

    /// <summary>The last address of the block.</summary>
    public InputAddress Last => new(_address | BlockMask);

    private ulong BlockMask => Kind switch
    {
        InvalidationKind.IotlbPages => MaskOf(AddressMask),
        InvalidationKind.DeviceTlb when HasSize => MaskOf(BitOperations.TrailingZeroCount(~(_address >> PageShift)) + 1),
        InvalidationKind.DeviceTlb => PageMask,
        _ => ulong.MaxValue,
    };

    /// <summary>Drops the context entries of a domain.</summary>
    public static InvalidationDescriptor OfContexts(int domain) => new(InvalidationKind.ContextCache) { Domain = domain };

    /// <summary>Drops the PASID entries of a domain.</summary>
    public static InvalidationDescriptor OfPasids(int domain) => new(InvalidationKind.PasidCache) { Domain = domain };

    /// <summary>Drops all translations of a unit.</summary>
    public static InvalidationDescriptor OfEverything() => new(InvalidationKind.Iotlb);

    /// <summary>Drops all translations of a domain, and the tables that the unit knows of it.</summary>
    public static InvalidationDescriptor OfDomain(int domain) => new(InvalidationKind.IotlbDomain) { Domain = domain };

    /// <summary>Drops the translations of a block of pages.</summary>
    /// <param name="domain">Whose.</param>
    /// <param name="address">An address of the block, that of a page.</param>
    /// <param name="mask">The block has 2 to this power pages, 0 to 52.</param>
    /// <param name="leavesOnly">Whether the unit may keep the tables that it knows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The address is not that of a page, or the block has no such size.</exception>
    public static InvalidationDescriptor OfPages(int domain, InputAddress address, int mask, bool leavesOnly)
    {
        ThrowIfNoBlock(address, mask);
        return new(InvalidationKind.IotlbPages)
        {
            Domain = domain,
            Address = address,
            AddressMask = mask,
            LeavesOnly = leavesOnly,
        };
    }

    /// <summary>Drops what a device keeps of a block of pages.</summary>
    /// <param name="device">The device.</param>
    /// <param name="address">An address of the block, that of a page.</param>
    /// <param name="mask">The block has 2 to this power pages, 0 to 52.</param>
    /// <exception cref="ArgumentOutOfRangeException">The address is not that of a page, or the block has no such size.</exception>
    public static InvalidationDescriptor OfDevice(DeviceAddress device, InputAddress address, int mask)
    {
        ThrowIfNoBlock(address, mask);

        // The lowest address bit that is zero marks the size: all below it are ones, and it itself is part of the block.
        ulong encoded = mask == 0 ? address.Value : (address.Value & ~MaskOf(mask)) | (MaskOf(mask - 1) & ~PageMask);
        return new(InvalidationKind.DeviceTlb)
        {
            Device = device,
            Address = new(encoded),
            HasSize = mask != 0,
        };
    }

    /// <summary>Drops all that a device keeps.</summary>
    public static InvalidationDescriptor OfWholeDevice(DeviceAddress device) => OfDevice(device, new(0), PageBits);

    /// <summary>The descriptor in one line, in the manual's terms.</summary>
    public override string ToString() => Kind switch
    {
        InvalidationKind.IotlbPages => string.Create(
            CultureInfo.InvariantCulture, $"IotlbPages did {Domain} {Address} am {AddressMask} ih {(LeavesOnly ? 1 : 0)}"),
        InvalidationKind.DeviceTlb => $"DeviceTlb {Device} {First} to {Last}",
        InvalidationKind.Iotlb => "Iotlb",
        _ => string.Create(CultureInfo.InvariantCulture, $"{Kind} did {Domain}"),
    };

    private static ulong MaskOf(int mask) => mask >= PageBits ? ulong.MaxValue : (1ul << (PageShift + mask)) - 1;

    private static void ThrowIfNoBlock(InputAddress address, int mask)
    {
        if ((address.Value & PageMask) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"{address} is not the address of a page.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(mask);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mask, PageBits);
    }
}
