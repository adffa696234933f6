using System.Collections.Concurrent;
using System.Collections.Immutable;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// A VT-d remapping unit: its device tables in the modelled memory, its IOTLB and paging-structure caches, its invalidation queue
/// and its page requests. Several devices translate at once; an invalidation waits for the walks under way, and returns when no
/// later one uses what it dropped.
/// </summary>
/// <remarks>
/// Both caches forget only what they are told to forget, so that each missing invalidation shows. Root, context and PASID entries
/// are read again for each request.
/// </remarks>
public sealed partial class VtdUnit
{
    private readonly Machine _machine;
    private readonly ConcurrentDictionary<DeviceAddress, DmaDevice> _devices = new();

    // Shared by translations, alone for invalidations.
    private readonly SharedGate _gate;

    private VtdUnit(Machine machine, string name, VtdUnitSettings settings, HostPhysicalAddress rootTable)
    {
        _machine = machine;
        Name = name;
        Settings = settings;
        IsScalable = settings.WantsScalable && settings.Ecap.ScalableMode;
        Rtaddr = default(VtdRtaddr)
            .WithRootTable(rootTable)
            .WithMode(IsScalable ? VtdTranslationTableMode.Scalable : VtdTranslationTableMode.Legacy);
        _tables = new VtdDeviceTables<HostMemoryView>(machine.View, Rtaddr);
        _gate = new SharedGate(machine.Interleaving);
        _cachesLock = new ExclusiveGate(machine.Interleaving);
        _tablesLock = new ExclusiveGate(machine.Interleaving);
        _iotlb = new TranslationCache(machine.Interleaving);
        _walker = new HardwareWalker<VtdSecondStage>(machine, name, StalePlace.IommuPagingStructures);
        Rules = VtdSecondStage.RulesFor(CapabilitiesWith(executes: false, marks: false, types: false));
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>What it can do, and how its driver runs it.</summary>
    public VtdUnitSettings Settings { get; private set; }

    /// <summary>Whether it runs in scalable mode; without it there are no PASIDs and no page requests.</summary>
    public bool IsScalable { get; }

    /// <summary>RTADDR_REG: where its device tables start.</summary>
    public VtdRtaddr Rtaddr { get; }

    /// <summary>The devices behind it, by their addresses.</summary>
    public ImmutableArray<DmaDevice> Devices
    {
        get
        {
            _machine.Interleaving?.Before(_devices, 0, writes: false);
            return [.. _devices.Values.OrderBy(d => d.Address)];
        }
    }

    /// <summary>The most levels that it walks a second stage with; 0 where it walks none that is known. (CAP.SAGAW)</summary>
    public int MaxLevels => Cap.Walk5 ? 5 : Cap.Walk4 ? 4 : Cap.Walk3 ? 3 : 0;

    internal Machine Machine => _machine;

    /// <summary>The second stage's rules on this unit, with all off that an entry of a device may switch on.</summary>
    internal FormatRules<VtdSecondStage> Rules { get; private set; }

    private VtdCap Cap => Settings.Cap;

    private VtdEcap Ecap => Settings.Ecap;

    /// <summary>Makes a unit.</summary>
    /// <param name="machine">The host.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="settings">What it can do, and how its driver runs it.</param>
    /// <param name="unit">The unit.</param>
    /// <returns>EINVAL when there is no such address width; ENOMEM.</returns>
    public static Errno Create(Machine machine, string name, VtdUnitSettings settings, out VtdUnit? unit)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(settings);
        unit = null;
        if (!IsAddressWidth(settings.HostAddressWidth))
        {
            return Errno.EINVAL;
        }

        if (!machine.TryAllocateTable(out HostPhysicalAddress rootTable))
        {
            return Errno.ENOMEM;
        }

        unit = new VtdUnit(machine, name, settings, rootTable);
        return Errno.None;
    }

    /// <summary>
    /// Says how wide the host's physical addresses are, where that was not known when the unit was made. Nobody may be at work with
    /// the unit.
    /// </summary>
    /// <param name="width">The width in bits, 32 to 52 (HAW of the platform's DMAR table).</param>
    /// <returns>EINVAL when there is no such width; EBUSY while a device is attached: its tables were made for the width before.</returns>
    public Errno SetHostAddressWidth(int width)
    {
        if (!IsAddressWidth(width))
        {
            return Errno.EINVAL;
        }

        using ExclusiveGate.Held held = _tablesLock.Enter();
        if (_domains.Count != 0)
        {
            return Errno.EBUSY;
        }

        Settings = Settings with { HostAddressWidth = width };
        Rules = VtdSecondStage.RulesFor(CapabilitiesWith(executes: false, marks: false, types: false));
        _roots.Clear();
        return Errno.None;
    }

    /// <summary>Plugs a device in behind the unit.</summary>
    /// <param name="address">The device's address.</param>
    /// <param name="settings">What it can do.</param>
    /// <param name="device">The device.</param>
    /// <returns>EINVAL when there is no such PASID; EEXIST when a device has the address; ENOMEM.</returns>
    public Errno AddDevice(DeviceAddress address, DmaDeviceSettings settings, out DmaDevice? device)
    {
        ArgumentNullException.ThrowIfNull(settings);
        device = null;
        if (settings.Pasid is < 0 or > DmaDeviceSettings.MaxPasid)
        {
            return Errno.EINVAL;
        }

        if (!_machine.Allocations.TryAllocate())
        {
            return Errno.ENOMEM;
        }

        var made = new DmaDevice(this, address, settings);
        _machine.Interleaving?.Before(_devices, 0, writes: true);
        if (!_devices.TryAdd(address, made))
        {
            return Errno.EEXIST;
        }

        device = made;
        return Errno.None;
    }

    /// <summary>Forgets a device that is unplugged, and frees the tables that were its own.</summary>
    internal void RemoveDevice(DmaDevice device)
    {
        _machine.Interleaving?.Before(_devices, 0, writes: true);
        if (_devices.TryRemove(device.Address, out _))
        {
            FreeTables(device);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsAddressWidth(int width) => width is >= 32 and <= HostMemory.MaxAddressBits;
}
