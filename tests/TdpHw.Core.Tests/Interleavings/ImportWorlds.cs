using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Worlds whose operations meet on the importing side, at one place each.</summary>
internal static class ImportWorlds
{
    /// <summary>A device comes in while what the table maps goes: behind the unit that has the page cached, or behind another.</summary>
    public static World AttachAgainstUnmap(Interleaving interleaving, Serving serving, bool isOneUnit)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice other = world.AddDevice();
        KvmHwpt hwpt = world.Attach(other);
        world.Touch(other, 3);
        DmaDevice device = world.AddDevice(isOneUnit ? null : world.AddUnit());
        world.Add("attach", () =>
        {
            Assert.Equal(Errno.None, hwpt.Attach(device));
            device.DisablePageRequests();
            world.Dma(device, 3);
        });
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    /// <summary>A device that accesses memory all the time comes in while what the table maps goes.</summary>
    public static World AttachAgainstDmaAndUnmap(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice other = world.AddDevice();
        KvmHwpt hwpt = world.Attach(other);
        world.Touch(other, 3);
        DmaDevice device = world.AddDevice(world.AddUnit());
        world.Add("attach", () => Assert.Equal(Errno.None, hwpt.Attach(device)));
        world.Add("device", () => world.Dma(device, 3));
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    /// <summary>A device comes to a table that is destroyed: it has the table, or finds it gone.</summary>
    public static World AttachAgainstDestroy(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Allocate(device);
        (Errno Attached, Errno Destroyed) answers = default;
        world.Add("attach", () => answers.Attached = hwpt.Attach(device));
        world.Add("destroy", () => answers.Destroyed = hwpt.Destroy());
        world.Check(() => Assert.True(
            answers is (Errno.None, Errno.EBUSY) or (Errno.ENOENT, Errno.None), $"{answers.Attached}, {answers.Destroyed}"));
        return world;
    }

    /// <summary>A device is attached to two tables, and unplugged, at once: it has one of the two, or is gone.</summary>
    public static World AttachesAgainstUnplug(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt first = world.Allocate(device);
        KvmHwpt second = world.Allocate(device);
        (Errno First, Errno Second, Errno Unplugged) answers = default;
        world.Add("first", () => answers.First = first.Attach(device));
        world.Add("second", () => answers.Second = second.Attach(device));
        world.Add("unplug", () => answers.Unplugged = device.Remove());
        world.Check(() =>
        {
            Assert.True(
                answers is (Errno.None, Errno.None, Errno.EBUSY) or (Errno.ENODEV, Errno.ENODEV, Errno.None),
                $"{answers.First}, {answers.Second}, {answers.Unplugged}");
            Assert.Equal(answers.Unplugged == Errno.None, device.Hwpt is null);
        });
        return world;
    }

    /// <summary>A device leaves while a page that it asked for is being mapped.</summary>
    public static World DetachAgainstPageRequest(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Attach(device);
        world.Touch(device, 4);
        world.Add("device", () => world.Dma(device, 3));
        world.Add("detach", () => Assert.Equal(Errno.None, hwpt.Detach(device)));
        return world;
    }

    /// <summary>The last importer of an export that is closed goes, and the export with it, while a device's fault is forwarded.</summary>
    public static World ReleaseAgainstPageRequest(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Attach(device);
        world.Touch(device, 4);
        world.Close();
        world.Add("device", () => device.RequestPages(new PageRequest(ImportWorld.Page(3), TdpAccess.Write)));
        world.Add("release", () =>
        {
            Assert.Equal(Errno.None, hwpt.Detach(device));
            Assert.Equal(Errno.None, hwpt.Destroy());
        });
        world.Check(() => Assert.True(world.Fd.IsReleased));
        return world;
    }

    /// <summary>The file is closed while an importer comes: it holds the export, or finds it gone.</summary>
    public static World CloseAgainstImport(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        world.Add("close", world.Close);
        world.Add("import", () =>
        {
            Errno error = KvmHwpt.Allocate(world.Fd, device, world.Vm.Mm, isNestParent: false, out KvmHwpt? hwpt);
            Assert.Equal(hwpt is null ? Errno.EBADF : Errno.None, error);
            if (hwpt is not null)
            {
                Assert.False(world.Fd.IsReleased);
                Assert.Equal(Errno.None, hwpt.Destroy());
            }
        });
        world.Check(() => Assert.True(world.Fd.IsReleased));
        return world;
    }

    /// <summary>One importer goes and another comes while KVM tells all of a flush.</summary>
    public static World FlushAgainstImporters(Interleaving interleaving, Serving serving, SharingMode? mode = null)
    {
        var world = new ImportWorld(interleaving, serving, mode);
        DmaDevice device = world.AddDevice();
        KvmHwpt old = world.Allocate(device);
        world.Touch(3);
        world.Add("unmap", () => world.Unmap(3));
        world.Add("importers", () =>
        {
            Assert.Equal(Errno.None, old.Destroy());
            Assert.Equal(Errno.None, world.Allocate(device).Destroy());
        });
        return world;
    }

    /// <summary>The host takes a page while a device accesses it.</summary>
    /// <param name="interleaving">What decides the order of steps.</param>
    /// <param name="serving">Whose table the device walks.</param>
    /// <param name="known">Where the page's translation is cached; null for nowhere, but in the table.</param>
    public static World UnmapAgainstDma(Interleaving interleaving, Serving serving, StalePlace? known)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        DmaDevice other = world.AddDevice(world.AddUnit());
        KvmHwpt hwpt = world.Attach(device);
        Assert.Equal(Errno.None, hwpt.Attach(other));
        world.Touch(other, 3);
        world.Touch(device, known is null ? 4ul : 3ul);
        if (known == StalePlace.Iotlb)
        {
            device.DropTranslations(ImportWorld.Page(3), ImportWorld.Page(3));
        }

        device.DisablePageRequests();
        world.Add("device", () =>
        {
            world.Dma(device, 3);
            world.Dma(device, 3);
        });
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    /// <summary>A table goes, for a large page may take its place, while a device whose unit remembers it accesses what it maps.</summary>
    public static World CollapseAgainstDma(Interleaving interleaving, SharingMode? mode = null)
    {
        var world = new ImportWorld(interleaving, mode: mode, backingLevel: 2);
        DmaDevice device = world.AddDevice();
        world.Attach(device);
        world.Touch(device, 3);
        Assert.Equal(Errno.None, world.Vm.Split(ImportWorld.Page(0), ImportWorld.Memory, out _));
        device.Unit.Submit(InvalidationDescriptor.OfDomain(1));
        device.DropTranslations(ImportWorld.Page(0), ImportWorld.Page(511));
        world.Touch(device, 4);
        device.DisablePageRequests();
        world.Add("collapse", () => world.Vm.Collapse(ImportWorld.Page(0), ImportWorld.Memory));
        world.Add("device", () => world.Dma(device, 5));
        return world;
    }

    /// <summary>The VM's process ends, which takes all its memory, while a device accesses it.</summary>
    public static World ExitAgainstDma(Interleaving interleaving, Serving serving, SharingMode? mode = null)
    {
        var world = new ImportWorld(interleaving, serving, mode);
        DmaDevice device = world.AddDevice();
        world.Attach(device);
        world.Touch(device, 3);
        world.Add("exit", world.Vm.ExitProcess);
        world.Add("device", () => world.Dma(device, 3));
        return world;
    }

    /// <summary>The last device leaves one table while another device comes to another, and may get the number of the first one's domain.</summary>
    public static World DetachAgainstAttach(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice first = world.AddDevice();
        DmaDevice second = world.AddDevice();
        KvmHwpt old = world.Attach(first);
        KvmHwpt other = world.Allocate(second);
        world.Touch(first, 3);
        world.Add("leave", () =>
        {
            Assert.Equal(Errno.None, old.Detach(first));
            Assert.Equal(Errno.None, old.Destroy());
        });
        world.Add("come", () =>
        {
            Assert.Equal(Errno.None, other.Attach(second));
            second.DisablePageRequests();
            world.Dma(second, 3);
        });
        return world;
    }

    /// <summary>Two devices of one domain access a page that the host takes, behind one unit or two.</summary>
    public static World UnmapAgainstTwoDevices(Interleaving interleaving, Serving serving, bool isOneUnit)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice first = world.AddDevice();
        DmaDevice second = world.AddDevice(isOneUnit ? null : world.AddUnit());
        KvmHwpt hwpt = world.Attach(first);
        Assert.Equal(Errno.None, hwpt.Attach(second));
        world.Touch(first, 3);
        first.DisablePageRequests();
        second.DisablePageRequests();
        world.Add("first", () => world.Dma(first, 3));
        world.Add("second", () => world.Dma(second, 3));
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    /// <summary>One of two devices of a domain leaves, while the other accesses a page and the host takes it.</summary>
    /// <param name="interleaving">What decides the order of steps.</param>
    /// <param name="serving">Whose table the devices walk.</param>
    /// <param name="isAtOnce">Whether the host takes the page at any moment, or after the access.</param>
    public static World DetachAgainstOtherDevice(Interleaving interleaving, Serving serving, bool isAtOnce)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice first = world.AddDevice();
        DmaDevice second = world.AddDevice();
        KvmHwpt hwpt = world.Attach(first);
        Assert.Equal(Errno.None, hwpt.Attach(second));
        world.Touch(first, 3);
        world.Touch(second, 3);
        first.DisablePageRequests();
        second.DisablePageRequests();
        world.Add("detach", () => Assert.Equal(Errno.None, hwpt.Detach(first)));
        if (isAtOnce)
        {
            world.Add("device", () => world.Dma(second, 3));
            world.Add("unmap", () => world.Unmap(3));
            return world;
        }

        world.Add("device, then unmap", () =>
        {
            world.Dma(second, 3);
            world.Unmap(3);
        });
        return world;
    }

    /// <summary>A device's table is destroyed while the device accesses memory.</summary>
    public static World DestroyAgainstDma(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Attach(device);
        world.Touch(device, 3);
        world.Add("device", () => world.Dma(device, 3));
        world.Add("destroy", () =>
        {
            Assert.Equal(Errno.None, hwpt.Detach(device));
            Assert.Equal(Errno.None, hwpt.Destroy());
        });
        return world;
    }

    /// <summary>A table that no device is attached to any more is destroyed while the host takes a page that it maps.</summary>
    public static World DestroyAgainstUnmap(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Attach(device);
        world.Touch(device, 3);
        world.Add("unmap", () => world.Unmap(3));
        world.Add("destroy", () =>
        {
            Assert.Equal(Errno.None, hwpt.Detach(device));
            Assert.Equal(Errno.None, hwpt.Destroy());
        });
        return world;
    }

    /// <summary>A device goes over to another table, and its old one is destroyed, while it accesses memory.</summary>
    public static World ReplaceAgainstDma(Interleaving interleaving, Serving serving)
    {
        var world = new ImportWorld(interleaving, serving);
        DmaDevice device = world.AddDevice();
        KvmHwpt old = world.Attach(device);
        KvmHwpt other = world.Allocate(device);
        world.Touch(device, 3);
        device.DisablePageRequests();
        world.Add("device", () => world.Dma(device, 3));
        world.Add("replace", () =>
        {
            Assert.Equal(Errno.None, other.Attach(device));
            Assert.Equal(Errno.None, old.Destroy());
        });
        return world;
    }

    /// <summary>A device is unplugged, and its tables freed, while it accesses memory.</summary>
    public static World UnplugAgainstDma(Interleaving interleaving)
    {
        var world = new ImportWorld(interleaving);
        DmaDevice device = world.AddDevice();
        KvmHwpt hwpt = world.Attach(device);
        world.Touch(device, 3);
        device.DisablePageRequests();
        world.Add("device", () => world.Dma(device, 3));
        world.Add("unplug", () =>
        {
            Assert.Equal(Errno.None, hwpt.Detach(device));
            Assert.Equal(Errno.None, device.Remove());
        });
        return world;
    }
}
