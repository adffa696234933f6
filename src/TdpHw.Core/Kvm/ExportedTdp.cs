using System.Collections.Immutable;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>An exported table: who imports it, and the root that it holds. (Series, patches 04 to 08, <c>struct kvm_exported_tdp</c>.)</summary>
internal sealed class ExportedTdp
{
    private readonly Machine _machine;
    private readonly ExclusiveGate _importerLock;
    private readonly SharedValue<ImmutableArray<Importer>> _importers;
    private readonly SharedValue<TdpRoot?> _root;
    private readonly SharedValue<IExportedTdpMetadata?> _metadata;
    private readonly SharedValue<bool> _isReleased;

    public ExportedTdp(Vm vm, int addressSpace)
    {
        Vm = vm;
        AddressSpace = addressSpace;
        _machine = vm.Machine;
        _importerLock = new ExclusiveGate(_machine.Interleaving);
        _importers = new(_machine.Interleaving, []);
        _root = new(_machine.Interleaving, null);
        _metadata = new(_machine.Interleaving, null);
        _isReleased = new(_machine.Interleaving, false);
    }

    /// <summary>The VM whose table it is.</summary>
    public Vm Vm { get; }

    /// <summary>The address space that the table translates.</summary>
    public int AddressSpace { get; }

    /// <summary>The exported root; null before it was got and after it was put.</summary>
    public TdpRoot? Root
    {
        get => _root.Value;
        set => _root.Value = value;
    }

    /// <summary>What importers are told; null before it was composed and after the release.</summary>
    public IExportedTdpMetadata? Metadata
    {
        get => _metadata.Value;
        set => _metadata.Value = value;
    }

    /// <summary>Whether the last reference to the file is gone.</summary>
    public bool IsReleased => _isReleased.Value;

    /// <summary>Whether an importer's devices set no accessed and dirty flags.</summary>
    public bool HasBlindImporter => _importers.Value.Any(i => !i.Ops.MarksAccesses(i.Data));

    public Errno RegisterImporter(ITdpImporterOps ops, object data)
    {
        if (!_machine.Allocations.TryAllocate())
        {
            return Errno.ENOMEM;
        }

        using ExclusiveGate.Held held = _importerLock.Enter();
        if (_importers.Value.Any(i => IsSame(i, ops, data)))
        {
            return Errno.EBUSY;
        }

        _importers.Value = _importers.Value.Add(new Importer(ops, data));
        return Errno.None;
    }

    public void UnregisterImporter(ITdpImporterOps ops, object data)
    {
        using ExclusiveGate.Held held = _importerLock.Enter();
        _importers.Value = _importers.Value.RemoveAll(i => IsSame(i, ops, data));
    }

    /// <summary>Tells every importer of a flush.</summary>
    public void Notify(TdpFlush flush)
    {
        using ExclusiveGate.Held held = _importerLock.Enter();
        foreach (Importer importer in _importers.Value)
        {
            _machine.Report(MachineEventKind.ImporterNotified, $"as {AddressSpace}", flush.Start, flush.Size);
            importer.Ops.Invalidate(importer.Data, flush);
        }
    }

    public Errno Fault(ProcessMemory mm, ulong gfn, TdpAccess access, ITableMirror? mirror)
    {
        if (access == TdpAccess.None || mm != Vm.Mm)
        {
            return Errno.EINVAL;
        }

        return mm.IsExited ? Errno.EPERM : Vm.FaultForDevice(this, gfn, access, mirror);
    }

    /// <summary>Gives everything back. As posted importers are dropped without being told; in strict mode they hear of the flush.</summary>
    public void Release()
    {
        if (!_machine.Mode.Closes(Hazard.PutWithoutFlush))
        {
            Vm.RemoveExport(this);
            _importers.Value = [];
        }

        Vm.Mmu.PutExportedRoot(Root!);
        Root = null;
        Vm.RemoveExport(this);
        _importers.Value = [];
        Metadata = null;
        _isReleased.Value = true;
        _machine.Report(MachineEventKind.Released, $"as {AddressSpace}");
        Vm.Put();
    }

    private bool IsSame(in Importer importer, ITdpImporterOps ops, object data) =>
        ReferenceEquals(importer.Ops, ops)
        && (ReferenceEquals(importer.Data, data) || !_machine.Mode.Closes(Hazard.ImportersConfused));

    private readonly record struct Importer(ITdpImporterOps Ops, object Data);
}
