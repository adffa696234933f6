using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

public sealed partial class KvmHwpt
{
    /// <summary>Attaches a device, in place of the table that it is attached to, if there is one. (Series, patches 16 and 20.)</summary>
    /// <returns>
    /// EINVAL: the device's unit can't do what the table needs. ENODEV: it is unplugged, or device or unit can't do page requests.
    /// ENOENT: the table was destroyed. ENOMEM. ENOSPC: the unit has no domain number left. After an error the device is attached
    /// to what it was attached to before.
    /// </returns>
    public Errno Attach(DmaDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        using ExclusiveGate.Held held = device.AttachLock.Enter();
        if (device.IsRemoved)
        {
            return Errno.ENODEV;
        }

        KvmHwpt? old = device.Hwpt;
        if (old == this)
        {
            return Errno.None;
        }

        if (!TryUse())
        {
            return Errno.ENOENT;
        }

        Errno error = Domain.Reserve(device);
        if (error != Errno.None)
        {
            EndUse();
            return error;
        }

        old?.Leave(device);
        Domain.Enter(device);
        device.Hwpt = this;
        device.SetHandler(this);
        if (old is not null)
        {
            // The replaced table had page requests switched on; as posted nobody looks whether they still are.
            return Errno.None;
        }

        error = device.EnablePageRequests();
        if (error is Errno.None or Errno.EBUSY)
        {
            return Errno.None;
        }

        Leave(device);
        return error;
    }

    /// <summary>
    /// Detaches a device: its requests are refused from then on, and as posted its page requests are off for every user.
    /// </summary>
    /// <returns>EINVAL when it is not attached to this table.</returns>
    public Errno Detach(DmaDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        using ExclusiveGate.Held held = device.AttachLock.Enter();
        if (device.Hwpt != this)
        {
            return Errno.EINVAL;
        }

        device.DisablePageRequests();
        Leave(device);
        return Errno.None;
    }

    private void Leave(DmaDevice device)
    {
        device.SetHandler(null);
        Domain.Leave(device);
        device.Hwpt = null;
        EndUse();
    }

    private bool TryUse()
    {
        using ExclusiveGate.Held held = _lock.Enter();
        _users += _isDestroyed ? 0 : 1;
        return !_isDestroyed;
    }

    private void EndUse()
    {
        using ExclusiveGate.Held held = _lock.Enter();
        _users--;
    }
}
