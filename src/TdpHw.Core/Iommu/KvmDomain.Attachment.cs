using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

internal sealed partial class KvmDomain
{
    private readonly ExclusiveGate _attachLock;
    private readonly SharedValue<Attachment[]> _attachments;
    private readonly SharedValue<bool> _isFreed;
    private int _neededWidth;

    /// <summary>Whether every unit that walks the table sets accessed and dirty flags in it.</summary>
    public bool MarksAccesses => Array.TrueForAll(_attachments.Value, a => a.MarksAccesses);

    /// <summary>
    /// Gets all ready to attach a device, from which moment on its unit hears of each flush. (Series, patch 20.)
    /// </summary>
    /// <returns>EINVAL: the device's unit can't do what the table needs. ENOMEM. ENOSPC: the unit has no domain number left.</returns>
    public Errno Reserve(DmaDevice device)
    {
        VtdUnit unit = device.Unit;
        bool isShared = Table is null;
        if (!CheckUnit(unit)
            || (isShared && _machine.Mode.Closes(Hazard.ReservedBitsUnchecked) && !LeavesReservedBitsZero(_machine.Mode, _metadata, unit)))
        {
            return Errno.EINVAL;
        }

        using ExclusiveGate.Held held = _attachLock.Enter();
        Attachment[] attachments = _attachments.Value;
        int domain = Array.Find(attachments, a => a.Device.Unit == unit).Domain;
        bool isFirst = domain == 0;
        if (isFirst)
        {
            if (!_machine.Allocations.TryAllocate())
            {
                return Errno.ENOMEM;
            }

            Errno error = unit.TakeDomain(out domain);
            if (error != Errno.None)
            {
                return error;
            }
        }

        if (unit.MakeTables(device) != Errno.None)
        {
            if (isFirst)
            {
                unit.ReturnDomain(domain);
            }

            return Errno.ENOMEM;
        }

        bool marks = isShared
            && _machine.Mode.Closes(Hazard.AccessesUnseen)
            && unit.IsScalable
            && unit.Settings.Ecap.SecondStageAccessedDirty;
        _attachments.Value = [.. attachments, new Attachment(device, domain, marks)];
        return Errno.None;
    }

    /// <summary>Has the device's requests translated by the table; it was reserved before.</summary>
    public void Enter(DmaDevice device)
    {
        Attachment attachment = Find(device);

        // KVM writes no snoop bits, so that snooping is forced for the whole table (series, patch 19); an own table has them.
        device.Unit.SetSecondStage(device, new SecondStagePointer(
            Root, Levels, attachment.Domain, SnoopsPages: Table is null, attachment.MarksAccesses));
        device.SetAts(true);
    }

    /// <summary>Ends what <see cref="Enter"/> and <see cref="Reserve"/> began.</summary>
    public void Leave(DmaDevice device)
    {
        Attachment attachment = Find(device);
        device.Unit.ClearSecondStage(device, attachment.Domain);
        device.SetAts(false);
        using ExclusiveGate.Held held = _attachLock.Enter();
        Attachment[] others = Array.FindAll(_attachments.Value, a => a.Device != device);
        _attachments.Value = others;
        if (!Array.Exists(others, a => a.Device.Unit == device.Unit))
        {
            device.Unit.ReturnDomain(attachment.Domain);
        }
    }

    /// <summary>
    /// Has every unit and device that the table serves forget a range. It waits for walks and accesses under way, and for nothing
    /// that KVM holds. (Series, patch 22.)
    /// </summary>
    public void Invalidate(TdpFlush flush)
    {
        if (_isFreed.Value)
        {
            _machine.Counters.AddUseAfterFree();
            _machine.Report(MachineEventKind.Warning, "iommu", flush.Start, flush.Size, "invalidation of a domain that is freed");
            return;
        }

        Attachment[] attachments;
        do
        {
            // A device that comes in between may have taken what its unit had still to forget.
            attachments = _attachments.Value;
            for (int i = 0; i < attachments.Length; i++)
            {
                VtdUnit unit = attachments[i].Device.Unit;
                if (Array.FindIndex(attachments, a => a.Device.Unit == unit) == i)
                {
                    Invalidate(unit, attachments[i].Domain, attachments, flush);
                }
            }
        }
        while (attachments != _attachments.Value);
    }

    private void Invalidate(VtdUnit unit, int domain, Attachment[] attachments, TdpFlush flush)
    {
        DeviceAddress[] devices =
        [
            .. attachments.Where(a => a.Device.Unit == unit && a.Device.CanUseAts).Select(a => a.Device.Address),
        ];

        // The posted planning belongs to the posted table: an own one was never flushed in any other way than this.
        SharingMode mode = Table is null ? _machine.Mode : SharingMode.Strict;
        var plan = InvalidationPlan.For(flush, unit.Settings.Cap, mode, domain, devices);
        if (plan.IsEmpty)
        {
            _machine.Report(MachineEventKind.Warning, unit.Name, flush.Start, flush.Size, "nothing is invalidated");
        }

        foreach (InvalidationDescriptor descriptor in plan)
        {
            unit.Submit(descriptor);
        }
    }

    private Attachment Find(DmaDevice device) => Array.Find(_attachments.Value, a => a.Device == device);

    private readonly record struct Attachment(DmaDevice Device, int Domain, bool MarksAccesses);
}
