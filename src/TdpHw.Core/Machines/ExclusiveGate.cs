namespace TdpHw.Core.Machines;

/// <summary>A lock that one thread holds: the model's mutexes and spinlocks.</summary>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
internal sealed class ExclusiveGate(Interleaving? interleaving)
{
    private readonly Lock _lock = new();
    private bool _isHeld;

    /// <summary>Enters; leaves when the result is disposed.</summary>
    public Held Enter()
    {
        if (interleaving is null)
        {
            _lock.Enter();
        }
        else
        {
            // Only the thread whose turn it is runs, so that a plain flag is a lock.
            interleaving.BeforeWhen(this, 0, writes: true, () => !_isHeld);
        }

        _isHeld = true;
        return new Held(this);
    }

    private void Exit()
    {
        interleaving?.Before(this, 0, writes: true);
        _isHeld = false;
        if (interleaving is null)
        {
            _lock.Exit();
        }
    }

    /// <summary>The time that the gate is held.</summary>
    public readonly ref struct Held
    {
        private readonly ExclusiveGate _gate;

        internal Held(ExclusiveGate gate) => _gate = gate;

        /// <summary>Leaves the gate.</summary>
        public void Dispose() => _gate.Exit();
    }
}
