using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Worlds whose operations meet at one place each; the MMU can be one with a bug in it.</summary>
internal static class KvmWorlds
{
    private const ulong FramesPerHugePage = KvmWorld.HugePage / HostMemory.PageSize;

    private static MemorySlotSettings Other => new(new(1ul << 20), KvmWorld.HugePage / 2);

    private static MemorySlotSettings Huge => new(new(KvmWorld.HugestPage), KvmWorld.HugePage, BackingLevel: 2);

    // One table below the root translates it: no more steps than a fault must have.
    private static MemorySlotSettings Hugest => new(new(KvmWorld.HugestPage), KvmWorld.HugestPage, BackingLevel: 3);

    private static EptCapabilities WithoutFlags => new() { MaxPhyAddr = ImportingHost.Width, AccessedDirty = false };

    public static World TwoFaultsOnOnePage(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, vcpus: 2);
        world.Touch(0, 4);
        world.Touch(1, 4);
        world.Add("first", () => world.Touch(0, 3));
        world.Add("second", () => world.Touch(1, 3));
        return world;
    }

    public static World FirstFaultsOfTwoVCpus(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, vcpus: 2, slot: Hugest);
        world.Add("first", () => world.Touch(0, 3));
        world.Add("second", () => world.Touch(1, 3));
        return world;
    }

    public static World FaultsOfVCpuAndDevice(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("device", () => world.Fault(3));
        return world;
    }

    public static World AccessAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Touch(0, 3);
        world.Add("vcpu", () =>
        {
            world.Touch(0, 3);
            world.Touch(0, 3);
        });
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World FaultAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Touch(0, 4);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World DeviceFaultAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        world.Fault(4);
        world.Add("device", () => world.Fault(3));
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World DmaAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        DmaDevice device = world.AddDevice();
        world.Touch(device, 3);
        world.Add("device", () =>
        {
            world.Touch(device, 3);
            world.Touch(device, 3);
        });
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World AccessAndDmaAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        DmaDevice device = world.AddDevice();
        world.Touch(device, 3);
        world.Touch(0, 3);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("device", () => world.Touch(device, 3));
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World TwoUnmapsAgainstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Touch(0, 2);
        world.Touch(0, 3);
        world.Touch(0, 4);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("first", () => world.Unmap(2, 2));
        world.Add("second", () => world.Unmap(3, 2));
        return world;
    }

    public static World ExportAgainstFirstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Add("export", () =>
        {
            world.Export();
            world.Fd!.Put();
            world.Fd = null;
        });
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    public static World PutAgainstAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu, SharingMode mode)
    {
        var world = new KvmWorld(interleaving, mmu, mode, isExported: true)
        {
            LeavesStale = !mode.Closes(Hazard.PutWithoutFlush),
        };
        world.Touch(0, 3);
        world.Add("put", () =>
        {
            world.Fd!.Put();
            world.Fd = null;
        });
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    public static World TwoCreations(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        var answers = new List<Errno>();
        void Create()
        {
            Errno error = world.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd);
            answers.Add(error);
            world.Fd = fd ?? world.Fd;
        }

        world.Touch(0, 3);
        world.Add("first", Create);
        world.Add("second", Create);
        world.Check(() => Assert.Equal([Errno.None, Errno.EEXIST], answers.Order()));
        return world;
    }

    public static World CreationAgainstNoncoherentDma(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        Errno created = Errno.None;
        Errno told = Errno.None;
        world.Touch(0, 3);
        world.Add("export", () =>
        {
            created = world.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd);
            world.Fd = fd;
        });
        world.Add("device", () => told = world.Vm.SetNoncoherentDma(isPresent: true));
        world.Check(() => Assert.True(
            (created, told) is (Errno.None, Errno.EBUSY) or (Errno.EINVAL, Errno.None), $"{created}, {told}"));
        return world;
    }

    /// <summary>A vCPU touches what KVM keeps to itself, in a root that becomes the exported one.</summary>
    public static World CreationAgainstPrivateAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Hugest);
        MemorySlotSettings kept = Other with { IsPrivate = true };
        world.AddSlot(kept);
        world.Touch(0, 3);
        world.Add("export", world.Export);
        world.Add("vcpu", () =>
        {
            CpuAccess done = world.VCpus[0].Access(kept.Start, Access.Write);
            Assert.Equal((Errno.None, false), (done.Error, done.IsMmio));
        });
        world.Check(() => Assert.Equal(0ul, world.LeafAt(world.Fd!.Root!, kept.Start)));
        return world;
    }

    /// <summary>A slot comes that vCPUs which share the export could not reach.</summary>
    public static World CreationAgainstWideSlot(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(
            interleaving,
            mmu,
            settings: new VmSettings { MaxLevels = 5 },
            ept: new EptCapabilities { MaxPhyAddr = 52, Walk5 = true });
        Errno created = Errno.None;
        Errno added = Errno.None;
        world.Touch(0, 3);
        world.Add("export", () =>
        {
            created = world.Vm.CreateTdpFd(0, 0, 0, out TdpFd? fd);
            world.Fd = fd;
        });
        world.Add("slot", () => added = world.Vm.AddSlot(new MemorySlotSettings(new(1ul << 48), HostMemory.PageSize), out _));
        world.Check(() => Assert.True(
            (created, added) is (Errno.None, Errno.EINVAL) or (Errno.EINVAL, Errno.None), $"{created}, {added}"));
        return world;
    }

    public static World DeletionAgainstFirstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        MemorySlot other = world.AddSlot(Other);
        world.Add("delete", () => Assert.Equal(Errno.None, world.Vm.DeleteSlot(other)));
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    public static World InvalidationAgainstAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Hugest);
        world.Touch(0, 3);
        world.Add("invalidate", world.Vm.ZapAllFast);
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    /// <summary>All roots are made invalid while a vCPU comes back to one that nobody has loaded in between.</summary>
    public static World InvalidationAgainstReturn(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Hugest);
        world.Touch(0, 3);
        Assert.Equal(Errno.None, world.VCpus[0].Access(world.Page(3), Access.Write, isSmm: true).Error);
        world.Add("invalidate", world.Vm.ZapAllFast);
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    public static World DeletionAgainstDma(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        DmaDevice device = world.AddDevice();
        MemorySlot other = world.AddSlot(Other);
        world.Touch(device, 3);
        world.Add("delete", () => Assert.Equal(Errno.None, world.Vm.DeleteSlot(other)));
        world.Add("device", () => world.Touch(device, 3));
        return world;
    }

    public static World DeletionOfItsSlotAgainstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        MemorySlot other = world.AddSlot(Other);
        world.Touch(0, 3);
        HostPhysicalAddress? reached = null;
        world.Add("delete", () => Assert.Equal(Errno.None, world.Vm.DeleteSlot(other)));
        world.Add("vcpu", () =>
        {
            CpuAccess done = world.VCpus[0].Access(Other.Start, Access.Write);
            reached = done.IsMmio ? null : done.Output;
        });
        world.Check(() =>
        {
            Assert.True(world.VCpus[0].Access(Other.Start, Access.Write).IsMmio);
            Assert.True(reached is null || !world.Machine.Frames.IsTaken(reached.Value), "a frame of a slot that is gone is taken");
        });
        return world;
    }

    /// <summary>
    /// Tables of 4-KiB pages stand there, empty, where the host maps a huge page: one fault puts the huge page in their place while
    /// another comes to a page of the same tables.
    /// </summary>
    public static World HugePageOverTableAgainstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, vcpus: 2, slot: Huge);
        world.Touch(0, 3);
        world.Touch(1, 3);
        Assert.Equal(Errno.None, world.Vm.Split(world.Page(0), KvmWorld.HugePage, out _));
        world.Touch(1, 4);
        world.Unmap(0);
        world.Add("first", () => world.Touch(0, 3));
        world.Add("second", () => world.Touch(1, 4));
        return world;
    }

    /// <summary>A table goes while a vCPU that remembers it walks.</summary>
    public static World CollapseAgainstAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Huge);
        world.Touch(0, 3);
        Assert.Equal(Errno.None, world.Vm.Split(world.Page(0), KvmWorld.HugePage, out _));
        world.VCpus[0].FlushTlb();
        world.Touch(0, 4);
        world.Add("collapse", () => world.Vm.Collapse(world.Page(0), KvmWorld.HugePage));
        world.Add("vcpu", () => world.Touch(0, 5));
        return world;
    }

    /// <summary>A huge page takes the place of a table, empty, that a device's unit may remember.</summary>
    public static World HugePageOverTableAgainstDma(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Huge, isExported: true);
        DmaDevice device = world.AddDevice();
        world.Touch(0, 3);
        Assert.Equal(Errno.None, world.Vm.Split(world.Page(0), KvmWorld.HugePage, out _));
        world.Unmap(0);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("device", () => world.Touch(device, 4));
        return world;
    }

    /// <summary>
    /// Tables of three levels, empty, where the host maps one page: a fault puts it in place of all of them, while a smaller part is
    /// taken out.
    /// </summary>
    public static World HugestPageOverTablesAgainstCollapse(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Hugest);
        InputAddress part = SplitPart(world);
        world.Unmap(0);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("collapse", () => world.Vm.Collapse(part, KvmWorld.HugePage));
        return world;
    }

    /// <summary>Two take tables out at once, the one those of a part of what the other does.</summary>
    public static World CollapseAgainstCollapse(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Hugest);
        InputAddress part = SplitPart(world);
        world.Add("whole", () => world.Vm.Collapse(world.Page(0), KvmWorld.HugestPage));
        world.Add("part", () => world.Vm.Collapse(part, KvmWorld.HugePage));
        return world;
    }

    public static World SplitAgainstAccessAndUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Huge);
        world.Touch(0, 3);
        world.Add("split", () => Assert.Equal(Errno.None, world.Vm.Split(world.Page(0), KvmWorld.HugePage, out _)));
        world.Add("vcpu", () => world.Touch(0, 4));
        world.Add("unmap", () => world.Unmap(0));
        return world;
    }

    /// <summary>The host goes on with small pages while a fault has a huge one in its hands.</summary>
    public static World ChangeOfPageSizeAgainstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Huge);
        world.Touch(0, 3);
        world.Add("host", () => world.Vm.UnmapHost(world.Page(0), KvmWorld.HugePage, newBackingLevel: 1));
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    /// <summary>The host goes on with huge pages, of which one is mapped, while it has a small one of before in its hands.</summary>
    public static World ChangeOfPageSizeAgainstUnmap(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Touch(0, 3);
        world.Add("host", () =>
        {
            world.Vm.UnmapHost(world.Page(0), KvmWorld.HugePage, newBackingLevel: 2);
            world.Touch(0, 4);
        });
        world.Add("unmap", () => world.Unmap(3));
        return world;
    }

    public static World PoisonAgainstAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu);
        world.Touch(0, 4);
        Errno Access() => world.VCpus[0].Access(world.Page(3), Formats.Access.Write).Error;
        world.Add("poison", () => Assert.Equal(Errno.None, world.Vm.Poison(world.Page(3))));
        world.Add("vcpu", () => Access());
        world.Check(() => Assert.Equal(Errno.EFAULT, Access()));
        return world;
    }

    public static World ExitAgainstFaults(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, isExported: true);
        world.Touch(0, 4);
        world.Add("exit", world.Vm.ExitProcess);
        world.Add("vcpu", () => world.VCpus[0].Access(world.Page(3), Access.Write));
        world.Add("device", () => world.Fd!.Fault(world.Vm.Mm, world.Page(5).Value / HostMemory.PageSize, TdpAccess.Write));
        world.Check(() =>
        {
            foreach (ulong page in new ulong[] { 3, 4, 5 })
            {
                Assert.All(world.Vm.Roots, root => Assert.Equal(0ul, world.LeafOf(root, page)));
            }
        });
        return world;
    }

    /// <summary>
    /// A vCPU's guest-physical width grows, so that its next access loads a root of another depth, while somebody else walks what
    /// the vCPU has loaded.
    /// </summary>
    /// <param name="interleaving">What decides the order of steps.</param>
    /// <param name="look">Reads root and levels of a vCPU; null while none is loaded.</param>
    public static World GrowthAgainstInspection(
        Interleaving interleaving, Func<VCpu, (HostPhysicalAddress Root, int Levels)?> look)
    {
        var capabilities = new EptCapabilities { MaxPhyAddr = 52, Walk5 = true };
        FormatRules<Ept> rules = Ept.RulesFor(capabilities);

        // At address 0 every index is 0: a walk of the wrong depth does not end before it finds something.
        var world = new KvmWorld(
            interleaving,
            settings: new VmSettings { MaxLevels = 5 },
            slot: new MemorySlotSettings(new(0), KvmWorld.HugePage),
            ept: capabilities);
        VCpu vcpu = world.VCpus[0];
        world.Touch(0, 0);
        world.Add("vcpu", () => world.Touch(0, 0));
        world.Add("growth", () => world.Vm.SetCpuid(vcpu, 52));
        world.Add("inspection", () =>
        {
            using ReadSide.Walk held = world.Vm.Mmu.ReadSide.Enter();
            if (look(vcpu) is not (HostPhysicalAddress root, int levels))
            {
                return;
            }

            WalkResult walk = Ept.Walk(world.Machine.View, new Root<Ept>(rules, root, levels), world.Page(0), Access.Read);
            Assert.True(
                walk.Outcome == WalkOutcome.NotPresent || (walk.IsMapped && world.Slot.Host.IsAt(0, walk.Output)),
                $"{levels} levels from {root}: {walk.Outcome}, {walk.Output}");
        });
        world.Check(() =>
        {
            world.Touch(0, 0);
            Assert.Equal(5, vcpu.Root!.Level);
        });
        return world;
    }

    public static World AgingAgainstAccess(Interleaving interleaving, Func<Vm, TdpMmu>? mmu, bool hasFlags)
    {
        var world = new KvmWorld(interleaving, mmu, ept: hasFlags ? null : WithoutFlags);
        world.Touch(0, 3, Access.Read);
        world.Add("age", () => world.Vm.Age(world.Page(3), HostMemory.PageSize));
        world.Add("vcpu", () => world.Touch(0, 3));

        // The flag that says so was set after the entry was read and before it was changed, or after.
        world.Check(() => Assert.True(!hasFlags || world.Vm.Vendor.Layout.IsDirty(world.LeafOf(world.VCpus[0].Root!, 3))));
        return world;
    }

    public static World WriteProtectionAgainstWrite(Interleaving interleaving, Func<Vm, TdpMmu>? mmu, bool hasFlags)
    {
        var world = new KvmWorld(interleaving, mmu, ept: hasFlags ? null : WithoutFlags);
        world.Touch(0, 3);
        world.Add("protect", () => world.Vm.WriteProtect(world.Page(3), HostMemory.PageSize));
        world.Add("vcpu", () => world.Touch(0, 3));
        return world;
    }

    /// <summary>A page is tracked while a fault on another is about to map both with one entry.</summary>
    public static World TrackingAgainstFault(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, slot: Huge);
        world.Add("track", () => world.Vm.TrackWrites(world.Page(4), HostMemory.PageSize));
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Check(() =>
        {
            VCpu vcpu = world.VCpus[0];
            vcpu.Access(world.Page(4), Access.Read);
            Assert.False(world.Vm.Vendor.Layout.IsWritable(world.LeafOf(vcpu.Root!, 4)), "a tracked page may be written");
        });
        return world;
    }

    /// <summary>The small pages that stand where the guest executes are taken out while it executes.</summary>
    public static World RecoveryAgainstExecution(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(interleaving, mmu, settings: new VmSettings { SplitsExecutedHugePages = true }, slot: Huge);
        world.Touch(0, 3, Access.Execute);
        world.Add("recover", () => world.Vm.RecoverNxHugePages(world.Page(0), KvmWorld.HugePage));
        world.Add("vcpu", () => world.Touch(0, 4, Access.Execute));
        return world;
    }

    public static World DirtyLogAgainstWrite(Interleaving interleaving, Func<Vm, TdpMmu>? mmu, bool hasFlags)
    {
        var world = new KvmWorld(
            interleaving, mmu, slot: new MemorySlotSettings(new(KvmWorld.HugestPage), KvmWorld.HugePage, LogsDirty: true), ept: hasFlags ? null : WithoutFlags);
        world.Touch(0, 3);
        AddLog(world, "vcpu", () => world.Touch(0, 3));
        return world;
    }

    public static World DirtyLogAgainstDma(Interleaving interleaving, Func<Vm, TdpMmu>? mmu = null)
    {
        var world = new KvmWorld(
            interleaving, mmu, isExported: true, slot: new MemorySlotSettings(new(KvmWorld.HugestPage), KvmWorld.HugePage, LogsDirty: true));
        DmaDevice device = world.AddDevice();
        world.Touch(device, 3);
        AddLog(world, "device", () => world.Touch(device, 3));
        return world;
    }

    public static World OwnTableAgainstUnmap(Interleaving interleaving, Serving serving)
    {
        var world = new KvmWorld(interleaving, isExported: true, settings: new VmSettings { Serving = serving });
        DmaDevice device = world.AddDevice();
        world.Touch(device, 4);
        world.Touch(0, 4);
        world.Add("device", () => world.Touch(device, 3));
        world.Add("unmap", () => world.Unmap(3, 2));
        return world;
    }

    public static World MirrorAgainstUnmap(Interleaving interleaving)
    {
        var world = new KvmWorld(interleaving, isExported: true, settings: new VmSettings { Serving = Serving.Mirrored });
        DmaDevice device = world.AddDevice();
        world.Touch(device, 4);
        world.Touch(0, 4);
        world.Add("vcpu", () => world.Touch(0, 3));
        world.Add("unmap", () => world.Unmap(3, 2));
        return world;
    }

    /// <summary>Maps the largest page and splits the second of the large ones in it down to the smallest.</summary>
    private static InputAddress SplitPart(KvmWorld world)
    {
        InputAddress part = world.Page(FramesPerHugePage);
        world.Touch(0, 3);
        Assert.Equal(Errno.None, world.Vm.Split(part, KvmWorld.HugePage, out _));
        return part;
    }

    /// <summary>A log is taken while a page is written for the first time since the last one: this log or the next has the page.</summary>
    private static void AddLog(KvmWorld world, string name, Action write)
    {
        int TakeLog() => world.Vm.TakeDirtyLog(world.Page(3), HostMemory.PageSize);
        int logged = 0;
        Assert.Equal(1, TakeLog());
        Assert.Equal(0, TakeLog());
        world.Add("log", () => logged += TakeLog());
        world.Add(name, write);
        world.Check(() => Assert.InRange(logged + TakeLog(), 1, 2));
    }
}
