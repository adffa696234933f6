using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>
/// The file that stands for an exported table, and what an importer may do with it. (Series, patches 01, 03, 04, 06 to 08.)
/// </summary>
public sealed class TdpFd
{
    private readonly ExportedTdp _tdp;
    private readonly Interleaving? _interleaving;
    private int _references = 1;

    internal TdpFd(ExportedTdp tdp, Machine machine)
    {
        _tdp = tdp;
        _interleaving = machine.Interleaving;
    }

    /// <summary>The VM whose table it is.</summary>
    public Vm Vm => _tdp.Vm;

    /// <summary>How many references to the file there are: one for the descriptor while it is open, one for each user.</summary>
    public int References => Math.Max(0, Volatile.Read(ref _references));

    /// <summary>Whether the last reference is gone and the export with it.</summary>
    public bool IsReleased => _tdp.IsReleased;

    /// <summary>The exported root; null once the export is released.</summary>
    public TdpRoot? Root => _tdp.Root;

    /// <summary>Takes a reference.</summary>
    /// <returns>Whether the file was still there.</returns>
    public bool TryGet()
    {
        while (true)
        {
            _interleaving?.Before(this, 0, writes: true);
            int seen = Volatile.Read(ref _references);
            if (seen <= 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _references, seen + 1, seen) == seen)
            {
                return true;
            }
        }
    }

    /// <summary>Puts a reference; the last one releases the export. Putting one more than was taken does nothing further.</summary>
    public void Put()
    {
        _interleaving?.Before(this, 0, writes: true);
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _tdp.Release();
        }
    }

    /// <summary>Registers an importer, which from then on is told of every flush.</summary>
    /// <param name="ops">The importer's code.</param>
    /// <param name="data">What it is called with.</param>
    /// <returns>
    /// EBUSY when it is registered: as posted when any importer with the same code is, in strict mode when this one is. ENOMEM.
    /// </returns>
    public Errno RegisterImporter(ITdpImporterOps ops, object data) => _tdp.RegisterImporter(ops, data);

    /// <summary>Removes an importer: as posted every one with the same code, in strict mode the one with this data.</summary>
    public void UnregisterImporter(ITdpImporterOps ops, object data) => _tdp.UnregisterImporter(ops, data);

    /// <summary>Asks KVM to make a page present for a device. (Series, patches 07 and 37.)</summary>
    /// <param name="mm">The address space that the importer acts for.</param>
    /// <param name="gfn">The guest frame.</param>
    /// <param name="access">What the device wants.</param>
    /// <returns>
    /// EINVAL: nothing wanted, another process, write-tracked. EPERM: the process ends. EFAULT: no memory there, spurious as
    /// posted, must be emulated. EDEADLK: as posted, on broken memory, the answer that never comes.
    /// </returns>
    public Errno Fault(ProcessMemory mm, ulong gfn, TdpAccess access) => Fault(mm, gfn, access, mirror: null);

    /// <summary>The same for an importer with a table of its own that KVM fills: it too must have the page then.</summary>
    /// <returns>As above. EFAULT also when the importer's table can't hold the page or there is no memory for it.</returns>
    internal Errno Fault(ProcessMemory mm, ulong gfn, TdpAccess access, ITableMirror? mirror) =>
        _tdp.Fault(mm, gfn, access, mirror);

    /// <summary>What an importer is told of the table; null once the export is released.</summary>
    public IExportedTdpMetadata? GetMetadata() => _tdp.Metadata;

    /// <summary>Lets an importer's own table follow the VM's memory, or no longer.</summary>
    internal void SetMirror(ITableMirror mirror, bool isAttached) => _tdp.Vm.SetMirror(mirror, isAttached);
}
