using System.Reflection;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using Xunit.Abstractions;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Locks are taken in the order that the core's guide writes down, whatever is done.</summary>
public sealed class LockOrderTests(ITestOutputHelper output)
{
    // The outermost first; what stands in one line is never held together.
    private static readonly string[][] Order =
    [
        ["DmaDevice.AttachLock"],
        ["DmaDevice._requests", "KvmHwpt._lock", "Vm._trackingLock", "Vm._vcpuLock"],
        ["Vm._slotsLock"],
        ["Vm._exportCacheLock", "Vm._splitCacheLock"],
        ["TdpMmu.Lock"],
        ["TdpMmu._pagesLock", "VCpu._guest", "Vm._exportListLock"],
        ["ExportedTdp._importerLock"],
        ["SecondStageTable._gate"],
        ["KvmDomain._attachLock"],
        ["DmaDevice._accesses"],
        ["VtdUnit._gate"],
        ["VtdUnit._cachesLock", "VtdUnit._tablesLock"],
    ];

    // A path of the guide each.
    private static readonly (string, string)[] Paths =
    [
        ("DmaDevice._accesses", "VtdUnit._gate"),
        ("VtdUnit._gate", "VtdUnit._cachesLock"),
        ("DmaDevice._requests", "VtdUnit._gate"),
        ("DmaDevice._requests", "Vm._slotsLock"),
        ("Vm._slotsLock", "Vm._exportCacheLock"),
        ("Vm._exportCacheLock", "TdpMmu.Lock"),
        ("TdpMmu.Lock", "SecondStageTable._gate"),
        ("TdpMmu.Lock", "VCpu._guest"),
        ("TdpMmu.Lock", "Vm._exportListLock"),
        ("Vm._exportListLock", "ExportedTdp._importerLock"),
        ("ExportedTdp._importerLock", "VtdUnit._gate"),
        ("ExportedTdp._importerLock", "DmaDevice._accesses"),
        ("SecondStageTable._gate", "VtdUnit._gate"),
        ("SecondStageTable._gate", "DmaDevice._accesses"),
        ("DmaDevice.AttachLock", "KvmHwpt._lock"),
        ("DmaDevice.AttachLock", "DmaDevice._requests"),
        ("DmaDevice.AttachLock", "KvmDomain._attachLock"),
        ("DmaDevice.AttachLock", "VtdUnit._gate"),
        ("DmaDevice.AttachLock", "DmaDevice._accesses"),
        ("KvmDomain._attachLock", "VtdUnit._tablesLock"),
    ];

    [Fact]
    public void Locks_are_taken_in_one_order()
    {
        var nested = new HashSet<(string Outer, string Inner)>();
        foreach (SharingMode mode in new[] { SharingMode.Strict, SharingMode.AsPosted })
        {
            foreach (Serving serving in Enum.GetValues<Serving>())
            {
                nested.UnionWith(DoAll(mode, serving));
            }
        }

        foreach ((string outer, string inner) in nested.Order())
        {
            output.WriteLine($"{outer} -> {inner}");
        }

        Assert.All(nested, n => Assert.True(LineOf(n.Outer) < LineOf(n.Inner), $"{n.Inner} is taken while {n.Outer} is held"));
        Assert.All(Paths, path => Assert.Contains(path, nested));
    }

    /// <summary>Does whatever takes locks.</summary>
    private static IReadOnlySet<(string Outer, string Inner)> DoAll(SharingMode mode, Serving serving)
    {
        var recorder = new LockRecorder();
        ImportingHost host = ImportingHost.Create(
            mode,
            new VmSettings { Serving = serving },
            slot: new MemorySlotSettings(new(0), 4ul << 20, BackingLevel: 2, LogsDirty: true),
            variant: VmxVendor.VariantFor(mode, hasMmuPresentHigh: true),
            interleaving: recorder);
        Vm vm = host.Vm;
        DmaDevice first = host.AddDevice();
        DmaDevice second = host.AddDevice("00:02.0");
        KvmHwpt hwpt = host.Attach(first);
        Assert.Equal(Errno.None, hwpt.Attach(second));
        foreach (object owner in new object[] { vm, vm.Mmu, host.VCpu, ExportOf(host.Fd), host.Unit, first, second })
        {
            recorder.Name(owner);
        }

        Name(hwpt);
        host.Touch(0x1000);
        Assert.Equal(DmaOutcome.Done, first.Dma(new(0x20_0000), isWrite: true).Outcome);
        Assert.Equal(Errno.None, vm.AddSlot(new MemorySlotSettings(new(1ul << 30), 1ul << 20), out MemorySlot? other));
        Assert.Equal(DmaOutcome.Done, second.Dma(new(1ul << 30), isWrite: true).Outcome);
        vm.Age(new(0), 4ul << 20);
        vm.WriteProtect(new(0), 4ul << 20);
        vm.TakeDirtyLog(new(0), 4ul << 20);
        vm.Split(new(0), 2ul << 20, out _);
        vm.Collapse(new(1ul << 30), 1ul << 20);
        vm.TrackWrites(new(0x3000), 0x1000);
        Assert.Equal(DmaOutcome.Done, second.Dma(new(0x20_0000), isWrite: true).Outcome);
        vm.UnmapHost(new(0x20_0000), 0x1000);
        Assert.Equal(Errno.None, vm.Poison(new(0x20_0000)));
        Assert.Equal(Errno.None, vm.DeleteSlot(other!));
        KvmHwpt replacement = mode.Closes(Hazard.ImportersConfused) || serving != Serving.Shared ? host.Allocate(second) : hwpt;
        Name(replacement);
        Assert.Equal(Errno.None, replacement.Attach(second));
        Assert.Equal(Errno.None, replacement.Detach(second));
        Assert.Equal(Errno.None, second.Remove());
        recorder.Name(vm.AddVCpu(ImportingHost.Width));
        vm.SetNoncoherentDma(isPresent: false);
        vm.ExitProcess();
        Assert.Equal(Errno.None, hwpt.Detach(first));
        Assert.Equal(Errno.None, hwpt.Destroy());
        if (replacement != hwpt)
        {
            Assert.Equal(Errno.None, replacement.Destroy());
        }

        host.Fd.Put();
        Assert.True(host.Fd.IsReleased);
        vm.Put();
        Assert.Equal((0, 0), (vm.References, recorder.HeldCount));
        return recorder.Nested;

        void Name(KvmHwpt made)
        {
            recorder.Name(made);
            recorder.Name(made.Domain);
            if (made.Domain.Table is { } table)
            {
                recorder.Name(table);
            }
        }
    }

    private static object ExportOf(TdpFd fd) =>
        typeof(TdpFd).GetField("_tdp", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(fd)!;

    private static int LineOf(string name)
    {
        int line = Array.FindIndex(Order, names => names.Contains(name));
        Assert.True(line >= 0, $"{name} has no place in the order");
        return line;
    }
}
