using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// Lets threads walk tables without a lock while others take tables out: a retired table is freed only after every walk that may
/// have seen it has ended. (The role that RCU has in KVM's TDP MMU.)
/// </summary>
/// <remarks>
/// Walks of processors and units are not seen here. What keeps a table from being freed under them is that a flush, which waits
/// for them, returns before the walk of the thread that retires it ends.
/// </remarks>
/// <param name="machine">Whose tables they are.</param>
/// <param name="isSteppedInside">
/// Whether a scheduler orders the steps within entering, too. Otherwise entering is one step, so that explorations of what uses the
/// read side stay small; it is explored by itself.
/// </param>
internal sealed class ReadSide(Machine machine, bool isSteppedInside = false)
{
    private const int Epochs = 3;

    private readonly Lock _lock = new();
    private readonly int[] _readers = new int[Epochs];
    private readonly List<HostPhysicalAddress>[] _retired = [[], [], []];
    private long _epoch;
    private int _waiting;

    /// <summary>Begins a walk; it ends when the result is disposed.</summary>
    public Walk Enter()
    {
        while (true)
        {
            machine.Interleaving?.Before(this, 0, writes: false);
            long epoch = Volatile.Read(ref _epoch);
            int slot = (int)(epoch % Epochs);

            // Counts can be exchanged; what frees tables is what can't be with them.
            BeforeInside();
            Interlocked.Increment(ref _readers[slot]);
            BeforeInside();
            if (Volatile.Read(ref _epoch) == epoch)
            {
                return new Walk(this, slot);
            }

            // The epoch moved on in between: this count may already have been taken for none.
            BeforeInside();
            Interlocked.Decrement(ref _readers[slot]);
        }

        void BeforeInside()
        {
            if (isSteppedInside)
            {
                machine.Interleaving?.Before(this, 0, writes: false);
            }
        }
    }

    /// <summary>Frees a table that no entry leads to any more, when no walk can be in it.</summary>
    public void Retire(HostPhysicalAddress table)
    {
        machine.Interleaving?.Before(this, 0, writes: true);
        List<HostPhysicalAddress>? free;
        lock (_lock)
        {
            _retired[_epoch % Epochs].Add(table);
            _waiting++;
            free = Advance();
        }

        Free(free);
    }

    private void Exit(int slot)
    {
        machine.Interleaving?.Before(this, 0, writes: false);
        Interlocked.Decrement(ref _readers[slot]);
        if (Volatile.Read(ref _waiting) != 0)
        {
            machine.Interleaving?.Before(this, 0, writes: true);
            List<HostPhysicalAddress>? free;
            lock (_lock)
            {
                free = Advance();
            }

            Free(free);
        }
    }

    /// <summary>Moves on to the next epochs as far as walks allow.</summary>
    /// <returns>The tables that can't be in anybody's hands any more; null for none.</returns>
    private List<HostPhysicalAddress>? Advance()
    {
        List<HostPhysicalAddress>? free = null;

        // Walks of the last epoch are over: what was retired in it can't be in anybody's hands after one more.
        for (int i = 0; i < Epochs && _waiting != 0 && Volatile.Read(ref _readers[(_epoch + Epochs - 1) % Epochs]) == 0; i++)
        {
            Interlocked.Increment(ref _epoch);
            List<HostPhysicalAddress> retired = _retired[(_epoch + 1) % Epochs];
            if (retired.Count != 0)
            {
                (free ??= []).AddRange(retired);
                _waiting -= retired.Count;
                retired.Clear();
            }
        }

        return free;
    }

    private void Free(List<HostPhysicalAddress>? tables)
    {
        foreach (HostPhysicalAddress table in tables ?? [])
        {
            machine.FreeTable(table);
        }
    }

    /// <summary>The time of a walk.</summary>
    public readonly ref struct Walk
    {
        private readonly ReadSide _side;
        private readonly int _slot;

        internal Walk(ReadSide side, int slot)
        {
            _side = side;
            _slot = slot;
        }

        /// <summary>Ends the walk.</summary>
        public void Dispose() => _side.Exit(_slot);
    }
}
