using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

/// <summary>
/// IOMMUFD's hardware page table for what a VM exports: it holds the export, has the driver make a domain for it, and answers the
/// page requests of the devices that are attached. (Series, patches 12 to 16, <c>struct iommufd_hwpt_kvm</c>.)
/// </summary>
public sealed partial class KvmHwpt : IPageRequestHandler
{
    private readonly Machine _machine;
    private readonly TdpFd _fd;
    private readonly ProcessMemory _mm;
    private readonly ExclusiveGate _lock;
    private Action? _interruption;
    private int _users;
    private bool _isDestroyed;

    private KvmHwpt(TdpFd fd, ProcessMemory mm, KvmDomain domain)
    {
        _machine = fd.Vm.Machine;
        _fd = fd;
        _mm = mm;
        _lock = new ExclusiveGate(_machine.Interleaving);
        Domain = domain;
    }

    /// <summary>How many levels the table has that devices walk.</summary>
    public int Levels => Domain.Levels;

    /// <summary>How many table pages it has of its own, the root included; 0 where devices walk KVM's.</summary>
    public int TableCount => Domain.Table?.TableCount ?? 0;

    /// <summary>The driver's domain.</summary>
    internal KvmDomain Domain { get; }

    /// <inheritdoc/>
    int IPageRequestHandler.InputBits => KvmDomainCheck.InputBits(Domain.Levels);

    private bool IsShared => Domain.Table is null;

    /// <summary>Makes a table for what a VM exports (IOMMU_HWPT_ALLOC with IOMMU_HWPT_DATA_KVM; series, patches 12 to 15).</summary>
    /// <param name="fd">The file that stands for the export; null where KVM is not there to ask.</param>
    /// <param name="device">A device that is to be attached.</param>
    /// <param name="mm">The address space of the calling process, for which page requests will be handled.</param>
    /// <param name="isNestParent">Whether first stages are to be nested into it.</param>
    /// <param name="hwpt">The table.</param>
    /// <returns>
    /// EOPNOTSUPP: the driver takes no exports, KVM is not there, a parent of nested tables, or levels, reserved bits or
    /// capabilities that do not fit. EBADF: the export is released. EFAULT: it has no metadata. ENODEV: the device is unplugged.
    /// EINVAL: metadata of another vendor. EBUSY: as posted when the export is imported already, strict never. ENOMEM.
    /// </returns>
    /// <exception cref="ArgumentException">Device and VM are not on the same machine.</exception>
    public static Errno Allocate(TdpFd? fd, DmaDevice device, ProcessMemory mm, bool isNestParent, out KvmHwpt? hwpt)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(mm);
        hwpt = null;
        if (!device.Unit.Settings.TakesKvmDomains || fd is null)
        {
            return Errno.EOPNOTSUPP;
        }

        if (fd.Vm.Machine != device.Unit.Machine)
        {
            throw new ArgumentException("the device is on another machine than the VM.", nameof(device));
        }

        if (!fd.TryGet())
        {
            return Errno.EBADF;
        }

        Errno error = Allocate(fd, device, mm, isNestParent, out KvmDomain? domain);
        if (error != Errno.None)
        {
            fd.Put();
            return error;
        }

        var made = new KvmHwpt(fd, mm, domain!);
        error = made.Register();
        if (error != Errno.None)
        {
            made.Abort();
            return error;
        }

        hwpt = made;
        return Errno.None;
    }

    /// <summary>Has something happen in the middle of the destruction, between its two halves; for experiments.</summary>
    public void InterruptDestroy(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _interruption = action;
    }

    /// <summary>Destroys the table and lets the export go.</summary>
    /// <returns>EBUSY while a device is attached; ENOENT when it was destroyed before.</returns>
    public Errno Destroy()
    {
        using (_lock.Enter())
        {
            if (_isDestroyed)
            {
                return Errno.ENOENT;
            }

            if (_users != 0)
            {
                return Errno.EBUSY;
            }

            _isDestroyed = true;
        }

        // The posted order leaves a moment in which KVM still calls a domain that is gone.
        bool unregistersFirst = !IsShared || _machine.Mode.Closes(Hazard.DomainFreedFirst);
        if (unregistersFirst)
        {
            Unregister();
        }
        else
        {
            Domain.Free();
        }

        _interruption?.Invoke();
        if (unregistersFirst)
        {
            Domain.Free();
        }
        else
        {
            Unregister();
        }

        _fd.Put();
        return Errno.None;
    }

    private static Errno Allocate(TdpFd fd, DmaDevice device, ProcessMemory mm, bool isNestParent, out KvmDomain? domain)
    {
        domain = null;
        if (fd.GetMetadata() is not { } metadata)
        {
            return Errno.EFAULT;
        }

        return fd.Vm.Machine.Allocations.TryAllocate()
            ? KvmDomain.Allocate(fd.Vm, device, metadata, isNestParent, out domain)
            : Errno.ENOMEM;
    }

    private Errno Register()
    {
        if (IsShared)
        {
            return _fd.RegisterImporter(KvmImporterOps.Instance, this);
        }

        _fd.SetMirror(Domain.Table!, isAttached: true);
        return Errno.None;
    }

    private void Unregister()
    {
        if (IsShared)
        {
            _fd.UnregisterImporter(KvmImporterOps.Instance, this);
        }
        else
        {
            _fd.SetMirror(Domain.Table!, isAttached: false);
        }
    }

    /// <summary>Undoes a creation that could not register.</summary>
    private void Abort()
    {
        Domain.Free();
        if (!_machine.Mode.Closes(Hazard.ImportersConfused))
        {
            // The posted error path destroys the object, which unregisters whoever has the same code and puts the file, and then
            // puts the file once more.
            Unregister();
            _fd.Put();
        }

        _fd.Put();
    }
}
