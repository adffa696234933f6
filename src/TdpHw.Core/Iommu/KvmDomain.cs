using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// The VT-d driver's domain behind a HWPT: a second stage that KVM exports, or one of the importer's own that follows the VM's
/// memory. (Series, patches 17 to 22, IOMMU_DOMAIN_KVM.)
/// </summary>
internal sealed partial class KvmDomain
{
    private readonly Machine _machine;
    private readonly KvmExportedTdpMetaVmx _metadata;

    private KvmDomain(Machine machine, in KvmExportedTdpMetaVmx metadata)
    {
        _machine = machine;
        _metadata = metadata;
        _attachLock = new ExclusiveGate(machine.Interleaving);
        _attachments = new(machine.Interleaving, []);
        _isFreed = new(machine.Interleaving, false);
        Root = new(metadata.RootHpa);
        Levels = metadata.Level;
    }

    /// <summary>The root table.</summary>
    public HostPhysicalAddress Root { get; private set; }

    /// <summary>How many levels the walk has.</summary>
    public int Levels { get; private set; }

    /// <summary>The importer's own table; null where devices walk KVM's.</summary>
    public SecondStageTable? Table { get; private set; }

    /// <summary>Makes a domain for what a VM exports. (Series, patches 18 and 21.)</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="device">A device that is to be attached.</param>
    /// <param name="exported">What KVM says of the table.</param>
    /// <param name="isNestParent">Whether first stages are to be nested into it.</param>
    /// <param name="domain">The domain.</param>
    /// <returns>
    /// ENODEV: the device is behind no unit. EOPNOTSUPP: a parent of nested tables; levels, reserved bits or capabilities that do not
    /// fit. EINVAL: metadata of another vendor. ENOMEM.
    /// </returns>
    public static Errno Allocate(
        Vm vm, DmaDevice device, IExportedTdpMetadata exported, bool isNestParent, out KvmDomain? domain)
    {
        domain = null;
        if (device.IsRemoved)
        {
            return Errno.ENODEV;
        }

        if (isNestParent)
        {
            return Errno.EOPNOTSUPP;
        }

        if (exported is not VmxTdpMetadata { Value: { Type: KvmTdpType.Ept } metadata })
        {
            return Errno.EINVAL;
        }

        bool isShared = vm.Settings.Serving == Serving.Shared;
        if (metadata.Level is not (4 or 5)
            || (isShared && !LeavesReservedBitsZero(vm.Machine.Mode, metadata, device.Unit)))
        {
            return Errno.EOPNOTSUPP;
        }

        if (!vm.Machine.Allocations.TryAllocate())
        {
            return Errno.ENOMEM;
        }

        var made = new KvmDomain(vm.Machine, metadata);
        Errno error = isShared ? made.CheckUnit(device.Unit) ? Errno.None : Errno.EOPNOTSUPP : made.MakeTable(vm, device.Unit);
        domain = error == Errno.None ? made : null;
        return error;
    }

    /// <summary>Frees the domain; nothing may be attached to it, and nobody may call it any more.</summary>
    public void Free()
    {
        // The table first: an unmapping of the host that is under way in it still flushes through the domain.
        Table?.Free();
        _isFreed.Value = true;
    }

    private static bool LeavesReservedBitsZero(SharingMode mode, in KvmExportedTdpMetaVmx metadata, VtdUnit unit) =>
        mode.Closes(Hazard.ReservedBitsUnchecked)
            ? KvmDomainCheck.LeavesReservedBitsZero(metadata, unit.Rules)
            : KvmDomainCheck.LeavesReservedBitsZeroAsPosted(metadata);

    /// <summary>Whether a unit can do what the table needs.</summary>
    private bool CheckUnit(VtdUnit unit)
    {
        VtdCap cap = unit.Settings.Cap;
        if (Table is not null)
        {
            return unit.HasWalk(Levels) && cap.MaxGuestAddressWidth >= _neededWidth && Table.IsFor(unit.Rules);
        }

        VtdEcap ecap = unit.Settings.Ecap.WithScalableMode(unit.IsScalable);
        return KvmDomainRefusal.None == (_machine.Mode.Closes(Hazard.CapabilitiesMisjudged)
            ? KvmDomainCheck.Judge(_metadata, cap, ecap)
            : KvmDomainCheck.JudgeAsPosted(_metadata, cap, ecap));
    }

    /// <summary>Makes a table of the importer's own, of as few levels as the guest's addresses need.</summary>
    private Errno MakeTable(Vm vm, VtdUnit unit)
    {
        int exported = KvmDomainCheck.InputBits(_metadata.Level);
        _neededWidth = vm.MinMaxPhyAddr == 0 ? exported : Math.Min(vm.MinMaxPhyAddr, exported);
        Levels = VtdSecondStage.Description.Walks
            .Where(w => w.Shape.InputBits >= _neededWidth && unit.HasWalk(w.Shape.Levels))
            .Select(w => w.Shape.Levels)
            .DefaultIfEmpty()
            .Min();
        if (Levels == 0 || unit.Settings.Cap.MaxGuestAddressWidth < _neededWidth)
        {
            return Errno.EOPNOTSUPP;
        }

        if (!SecondStageTable.TryCreate(_machine, unit.Rules, Levels, Invalidate, out SecondStageTable? table))
        {
            return Errno.ENOMEM;
        }

        Table = table;
        Root = table!.Root;
        return Errno.None;
    }
}
