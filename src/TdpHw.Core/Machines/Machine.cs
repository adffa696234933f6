using System.Runtime.CompilerServices;
using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// What the parts of a modelled host share: its memory, its frames, how faithful the model is, and what happened so far.
/// </summary>
public sealed class Machine
{
    private int _changes;

    /// <summary>A machine.</summary>
    /// <param name="mode">Which hazards of the series are closed.</param>
    public Machine(SharingMode mode)
        : this(mode, null)
    {
    }

    internal Machine(SharingMode mode, Interleaving? interleaving)
    {
        ArgumentNullException.ThrowIfNull(mode);
        Mode = mode;
        Interleaving = interleaving;
        Memory = new HostMemory(interleaving);
        Frames = new HostFrames();
    }

    /// <summary>Which hazards of the series are closed.</summary>
    public SharingMode Mode { get; }

    /// <summary>The memory that the tables are in.</summary>
    public HostMemory Memory { get; }

    /// <summary>The memory as walks read it.</summary>
    public HostMemoryView View => new(Memory);

    /// <summary>What happened so far.</summary>
    public MachineCounters Counters { get; } = new();

    /// <summary>Which allocation is to fail.</summary>
    public AllocationBudget Allocations { get; } = new();

    /// <summary>Told of everything that happens, on the thread where it happens; null for nobody.</summary>
    public Action<MachineEvent>? Observer { get; set; }

    internal Interleaving? Interleaving { get; }

    internal HostFrames Frames { get; }

    /// <summary>Allocates a table page of zeros.</summary>
    /// <returns>Whether there was memory.</returns>
    internal bool TryAllocateTable(out HostPhysicalAddress address)
    {
        address = default;
        if (!Allocations.TryAllocate() || !Frames.TryTakeTable(out address))
        {
            return false;
        }

        Memory.AddTable(address);
        return true;
    }

    /// <summary>Frees a table page.</summary>
    internal void FreeTable(HostPhysicalAddress address)
    {
        Memory.RemoveTable(address);

        // Told before another thread can have the page, whose own story follows.
        Observer?.Invoke(new MachineEvent(MachineEventKind.TableFreed, address.ToString(), address.Value, HostMemory.PageSize));
        Frames.ReturnTable(address);
    }

    /// <summary>
    /// Whether no change of a table is under way whose flush is still to come. Until then a cached translation may be older than
    /// the tables without anything being wrong.
    /// </summary>
    internal bool IsQuiet
    {
        get
        {
            // Begins and ends are counts that can be exchanged with each other; who asks for the count can't be with them.
            Interleaving?.Before(this, 0, writes: true);
            return Volatile.Read(ref _changes) == 0;
        }
    }

    /// <summary>Begins a change of tables that ends with a flush, or should.</summary>
    internal void BeginChange()
    {
        Interleaving?.Before(this, 0, writes: false);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>Ends a change: whatever flush there is has returned.</summary>
    internal void EndChange()
    {
        Interleaving?.Before(this, 0, writes: false);
        Interlocked.Decrement(ref _changes);
    }

    /// <summary>Called before something is tried again that failed because of another thread.</summary>
    /// <remarks>Not inlined, because a method with a call to the operating system in it pays for that call whenever it is entered.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void BeforeRetry()
    {
        if (Interleaving is null)
        {
            Thread.Yield();
        }
        else
        {
            Interleaving.BeforeRetry();
        }
    }

    internal void Report(MachineEventKind kind, string subject, ulong address = 0, ulong size = 0, string detail = "") =>
        Observer?.Invoke(new MachineEvent(kind, subject, address, size, detail));

    internal void CountStaleHit(StalePlace place, string subject, InputAddress address)
    {
        Counters.AddStaleHit(place);
        Report(MachineEventKind.StaleHit, subject, address.Value, detail: place.ToString());
    }
}
