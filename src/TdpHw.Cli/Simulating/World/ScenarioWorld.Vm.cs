using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Cli.Simulating.World;

internal sealed partial class ScenarioWorld
{
    // Beyond this width no bits are left above an address for the encoding against L1TF. (Linux 6.7 spte.c, kvm_mmu_reset_all_pte_masks.)
    private const int WidestOpenToL1tf = 46;

    private readonly ProcessMemory _otherProcess = new("another process");
    private readonly List<MemorySlot> _slots = [];
    private readonly List<OpenFile> _files = [];
    private ProcessMemory? _caller;
    private Vm? _vm;
    private int _hostWidth = 46;

    private StepAnswer Do(VmStep step)
    {
        if (_vm is not null)
        {
            return Of(Errno.EEXIST);
        }

        var capabilities = new EptCapabilities
        {
            MaxPhyAddr = step.MaxPhyAddr,
            Page1G = step.MaxPageLevel == 3,
            Walk5 = step.Levels == 5,
        };
        int? l1tf = step.HasL1tf && step.MaxPhyAddr <= WidestOpenToL1tf ? step.MaxPhyAddr : null;
        var vendor = new VmxVendor(capabilities, VmxVendor.VariantFor(_mode, step.IsPresentHigh), l1tf);
        _hostWidth = step.MaxPhyAddr;

        // Nothing can be attached before there is a VM to import from.
        _unitsOfHostWidth.ForEach(unit => unit.SetHostAddressWidth(_hostWidth));
        _vm = new Vm(Machine(), vendor, new VmSettings
        {
            MaxLevels = step.Levels,
            UsesTdpMmu = step.UsesTdpMmu,
            IsHyperVBuild = step.IsHyperVBuild,
            SplitsExecutedHugePages = step.SplitsExecutedHugePages,
            Serving = _serving,
        });
        _caller = _vm.Mm;
        return Of(Errno.None);
    }

    private StepAnswer Do(Vm vm, VCpuStep step)
    {
        VCpu vcpu = vm.AddVCpu(step.HasCpuid ? step.MaxPhyAddr ?? _hostWidth : null);
        timeline?.AddTrack(vcpu.ToString(), vcpu.ToString());
        return Of(Errno.None).With("vcpu", vcpu.Id);
    }

    private StepAnswer Do(Vm vm, MemslotStep step)
    {
        var settings = new MemorySlotSettings(
            new(step.Gpa), step.Size, step.BackingLevel, step.IsReadOnly, step.LogsDirty, step.IsPrivate);
        Errno error = vm.AddSlot(settings, out MemorySlot? slot);
        if (slot is null)
        {
            return Of(error);
        }

        _slots.Add(slot);
        return Of(error).With("slot", slot.Id);
    }

    private StepAnswer Do(Vm vm, MemslotDeleteStep step)
    {
        // The fault holds the slots' lock: a deletion in the middle of it would wait for ever.
        if (_isInDeviceFault)
        {
            return Of(Errno.EDEADLK);
        }

        MemorySlot? slot = step.Gpa is ulong gpa
            ? vm.FindSlot(new(gpa))
            : _slots.Find(s => (ulong)s.Id == step.Slot);
        return slot is null ? Of(Errno.ENOENT) : CountingZaps(vm, () => vm.DeleteSlot(slot));
    }

    private static StepAnswer Do(Vm vm, ZapStep step) => CountingZaps(vm, () =>
    {
        vm.UnmapHost(new(step.Gpa), step.Size, step.BackingLevel);
        return Errno.None;
    });

    private static StepAnswer Do(Vm vm, RangeStep step)
    {
        InputAddress start = new(step.Gpa);
        var error = Errno.None;
        long count = step.Action switch
        {
            RangeAction.Age => vm.Age(start, step.Size),
            RangeAction.WriteProtect => vm.WriteProtect(start, step.Size),
            RangeAction.DirtyLog => vm.TakeDirtyLog(start, step.Size),
            RangeAction.WriteTrack => vm.TrackWrites(start, step.Size),
            RangeAction.Collapse => vm.Collapse(start, step.Size),
            RangeAction.RecoverNx => vm.RecoverNxHugePages(start, step.Size),
            _ => Split(out error),
        };
        return Of(error).With("count", count);

        int Split(out Errno result)
        {
            result = vm.Split(start, step.Size, out int split);
            return split;
        }
    }

    private StepAnswer Do(Vm vm, MmStep step)
    {
        switch (step.Fate)
        {
            case ProcessFate.Other:
                _caller = _otherProcess;
                break;

            case ProcessFate.Own:
                _caller = vm.Mm;
                break;

            default:
                vm.ExitProcess();
                break;
        }

        return Of(Errno.None);
    }

    private static StepAnswer Do(Vm vm, AccessStep step)
    {
        if (step.VCpu >= (ulong)vm.VCpus.Length)
        {
            return Of(Errno.ENOENT);
        }

        Access access = step.IsWrite ? Access.Write : step.IsFetch ? Access.Execute : Access.Read;
        CpuAccess done = vm.VCpus[(int)step.VCpu].Access(new(step.Gpa), access, step.IsSmm, step.IsGuestMode);
        if (done.Error != Errno.None)
        {
            return Of(done.Error);
        }

        return Of(Errno.None)
            .With("hpa", done.IsMmio ? null : HexText.Of(done.Output.Value))
            .With("level", done.IsMmio ? null : done.Level)
            .With("root", done.Root?.Id)
            .With("mmio", done.IsMmio);
    }

    private StepAnswer Do(Vm vm, ExportStep step)
    {
        Errno error = vm.CreateTdpFd(step.AsId, step.Mode, step.Pad, out TdpFd? file);
        if (file is null)
        {
            return Of(error);
        }

        _files.Add(new OpenFile(file));
        return Of(error).With("fd", _files.Count - 1).With("meta", MetadataJson.Of(file.GetMetadata()));
    }

    private StepAnswer Do(CloseStep step)
    {
        if (FindFile(step.Fd) is not { } file)
        {
            return Of(Errno.EBADF);
        }

        file.IsOpen = false;
        file.File.Put();
        return Of(Errno.None);
    }

    private OpenFile? FindFile(ulong number) =>
        number < (ulong)_files.Count && _files[(int)number] is { IsOpen: true } file ? file : null;

    private static StepAnswer CountingZaps(Vm vm, Func<Errno> action)
    {
        MachineCounters counters = vm.Machine.Counters;
        long zapped = counters.ZappedLeaves;
        long flushes = counters.Flushes;
        Errno error = action();
        return Of(error).With("zapped", counters.ZappedLeaves - zapped).With("flushes", counters.Flushes - flushes);
    }

    /// <summary>A file descriptor: what it stands for may live on when it is closed.</summary>
    /// <param name="file">What it stands for.</param>
    private sealed class OpenFile(TdpFd file)
    {
        public TdpFd File { get; } = file;

        public bool IsOpen { get; set; } = true;
    }
}
