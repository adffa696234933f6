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
internal sealed class ReadSide(Machine machine)
{
    private const int Epochs = 3;

    private readonly Lock _lock = new();
    private readonly int[] _readers = new int[Epochs];
    private readonly List<HostPhysicalAddress>[] _retired = [[], [], []];
    private int _epoch;
    private int _waiting;

    /// <summary>Begins a walk; it ends when the result is disposed.</summary>
    public Walk Enter()
    {
        while (true)
        {
            int epoch = Volatile.Read(ref _epoch);
            Interlocked.Increment(ref _readers[epoch % Epochs]);
            if (Volatile.Read(ref _epoch) == epoch)
            {
                return new Walk(this, epoch % Epochs);
            }

            // The epoch moved on in between: this count may already have been taken for none.
            Interlocked.Decrement(ref _readers[epoch % Epochs]);
        }
    }

    /// <summary>Frees a table that no entry leads to any more, when no walk can be in it.</summary>
    public void Retire(HostPhysicalAddress table)
    {
        lock (_lock)
        {
            _retired[_epoch % Epochs].Add(table);
            _waiting++;
        }

        Reclaim();
    }

    private void Exit(int slot)
    {
        Interlocked.Decrement(ref _readers[slot]);
        if (Volatile.Read(ref _waiting) != 0)
        {
            Reclaim();
        }
    }

    private void Reclaim()
    {
        List<HostPhysicalAddress>? free = null;
        lock (_lock)
        {
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
        }

        foreach (HostPhysicalAddress table in free ?? [])
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
