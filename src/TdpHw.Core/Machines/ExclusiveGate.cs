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
            return new Held(_lock.EnterScope());
        }

        // Only the thread whose turn it is runs, so that a plain flag is a lock.
        interleaving.BeforeWhen(this, 0, writes: true, () => !_isHeld);
        _isHeld = true;
        return new Held(this);
    }

    private void Exit()
    {
        interleaving!.Before(this, 0, writes: true);
        _isHeld = false;
    }

    /// <summary>The time that the gate is held.</summary>
    public readonly ref struct Held
    {
        private readonly ExclusiveGate? _stepped;
        private readonly Lock.Scope _scope;

        internal Held(Lock.Scope scope) => _scope = scope;

        internal Held(ExclusiveGate stepped) => _stepped = stepped;

        /// <summary>Leaves the gate.</summary>
        public void Dispose()
        {
            _stepped?.Exit();
            _scope.Dispose();
        }
    }
}
