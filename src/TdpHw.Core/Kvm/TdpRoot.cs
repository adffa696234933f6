using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// A root of the TDP MMU. It lives while it has references; the MMU itself holds one to each root that is valid.
/// </summary>
public sealed class TdpRoot : TdpPage
{
    private const int ReferencesPart = 0;
    private const int ValidityPart = 1;
    private const int ExportsPart = 2;

    private readonly Interleaving? _interleaving;
    private int _references;
    private int _exports;

    internal TdpRoot(Machine machine, HostPhysicalAddress address, TdpRole role, int id)
        : base(machine, address, role, 0)
    {
        Id = id;
        _interleaving = machine.Interleaving;

        // One for the MMU, which keeps each valid root, and one for whoever asked for it.
        _references = 2;
    }

    /// <summary>Counts the roots of a VM from 0, in the order in which they were made.</summary>
    public int Id { get; }

    /// <summary>How many references there are.</summary>
    public int References
    {
        get
        {
            _interleaving?.Before(this, ReferencesPart, writes: false);
            return Volatile.Read(ref _references);
        }
    }

    /// <summary>Whether a device may be walking it.</summary>
    public bool IsExported
    {
        get
        {
            _interleaving?.Before(this, ExportsPart, writes: false);
            return Volatile.Read(ref _exports) != 0;
        }
    }

    /// <summary>Whether it may be loaded; one that may not lives on until its last reference is put.</summary>
    public bool IsValid
    {
        get
        {
            _interleaving?.Before(this, ValidityPart, writes: false);
            return !Role.IsInvalid;
        }
    }

    /// <summary>Whether its tables are to be zapped because it was made invalid.</summary>
    internal bool IsScheduledToZap { get; set; }

    /// <summary>Takes a reference unless the last one is gone.</summary>
    internal bool TryGet()
    {
        while (true)
        {
            _interleaving?.Before(this, ReferencesPart, writes: true);
            int seen = Volatile.Read(ref _references);
            if (seen == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _references, seen + 1, seen) == seen)
            {
                return true;
            }
        }
    }

    /// <summary>Puts a reference.</summary>
    /// <returns>Whether it was the last.</returns>
    /// <exception cref="InvalidOperationException">There was none: somebody used the root without holding it.</exception>
    internal bool Put()
    {
        _interleaving?.Before(this, ReferencesPart, writes: true);
        int left = Interlocked.Decrement(ref _references);
        return left >= 0 ? left == 0 : throw new InvalidOperationException($"root {Id} is put once more than it was got.");
    }

    /// <summary>Marks it as exported once more. The MMU's lock is held alone.</summary>
    internal void AddExport()
    {
        _interleaving?.Before(this, ExportsPart, writes: true);
        Volatile.Write(ref _exports, _exports + 1);
    }

    /// <summary>Takes the mark of one export away. The MMU's lock is held alone.</summary>
    /// <param name="sharesMark">Whether all exports have one mark, which goes with the first of them.</param>
    internal void RemoveExport(bool sharesMark)
    {
        _interleaving?.Before(this, ExportsPart, writes: true);
        Volatile.Write(ref _exports, sharesMark ? 0 : _exports - 1);
    }

    /// <summary>Marks it as one that may be loaded no more.</summary>
    internal void Invalidate()
    {
        _interleaving?.Before(this, ValidityPart, writes: true);
        Role = Role.Invalidated();
    }
}
