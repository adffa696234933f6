using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

public sealed partial class Vm
{
    /// <summary>
    /// Makes a page present in an importer's own table and in no other: the importer looks the VM's memory up by itself, as a
    /// driver does that pins nothing and hears of the host's unmappings.
    /// </summary>
    /// <param name="mm">The address space that the importer acts for.</param>
    /// <param name="gfn">The guest frame.</param>
    /// <param name="access">What the device wants.</param>
    /// <param name="mirror">The importer's table.</param>
    /// <returns>
    /// EINVAL: nothing wanted, another process. EPERM: the process ends. EFAULT: no memory there, memory that KVM keeps to itself,
    /// a write to what the guest may only read or KVM tracks, broken memory. ENOMEM.
    /// </returns>
    internal Errno FaultIntoMirror(ProcessMemory mm, ulong gfn, TdpAccess access, ITableMirror mirror)
    {
        if (access == TdpAccess.None || mm != Mm)
        {
            return Errno.EINVAL;
        }

        var fault = new PageFault { Gfn = gfn, IsWrite = (access & TdpAccess.Write) != 0, IsFromDevice = true };
        while (!mm.IsExited)
        {
            fault.Reset();
            FaultResult result = FaultIn(ref fault);
            if (result == FaultResult.OutOfMemory)
            {
                return Errno.ENOMEM;
            }

            if (result != FaultResult.Continue || fault.Slot is not { IsPrivate: false } slot
                || (fault.IsWrite && slot.IsTracked(gfn)))
            {
                return Errno.EFAULT;
            }

            using (Mmu.Lock.EnterShared())
            {
                if (!IsStale(fault))
                {
                    fault.GoalLevel = slot.MaxLevel(gfn, MaxHugePageLevel);
                    fault.Frame = new(fault.Frame.Value & ~(SpteLayout.PageSize(fault.GoalLevel) - 1));
                    return Map(mirror, fault);
                }
            }

            Machine.BeforeRetry();
        }

        return Errno.EPERM;
    }

    /// <summary>Tells the mirrors that KVM fills of a page that a fault mapped. The MMU's lock is held.</summary>
    /// <returns>
    /// What came of it in the mirror that the faulting device walks; null when KVM fills none. Others may lack the page: whoever
    /// walks them faults on it in turn.
    /// </returns>
    internal Errno? MapMirrors(in PageFault fault)
    {
        // What KVM keeps to itself stays out of tables that only devices walk.
        if (Settings.Serving != Serving.Mirrored || _mirrors.Value.IsEmpty || fault.Slot is not { IsPrivate: false })
        {
            return null;
        }

        Errno answer = Errno.None;
        foreach (ITableMirror mirror in _mirrors.Value)
        {
            Errno error = Map(mirror, fault);
            answer = mirror == fault.Mirror ? error : answer;
        }

        return answer;
    }

    private static Errno Map(ITableMirror mirror, in PageFault fault)
    {
        ulong first = fault.Gfn & ~((1ul << (TdpPage.IndexBits * (fault.GoalLevel - 1))) - 1);
        return mirror.Map(first, fault.Frame, fault.GoalLevel, fault.IsHostWritable && !fault.Slot!.IsTracked(fault.Gfn));
    }

    /// <summary>Takes pages out of the importers' own tables. The MMU's lock is not held: a mirror waits for its units.</summary>
    private int UnmapMirrors(ulong first, ulong last) => _mirrors.Value.Sum(m => m.Unmap(first, last));
}
