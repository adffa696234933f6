using System.Diagnostics.CodeAnalysis;

namespace TdpHw.Core.Machines;

/// <summary>A lock that many readers or one writer hold: KVM's <c>mmu_lock</c>, and a unit's invalidations against its walks.</summary>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
[SuppressMessage("Design", "CA1001", Justification = "The lock holds nothing outside the heap while nobody waits for it.")]
internal sealed class SharedGate(Interleaving? interleaving)
{
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.NoRecursion);
    private int _readers;
    private bool _hasWriter;

    /// <summary>Whether this thread may change what the gate guards as if it were alone.</summary>
    public bool IsHeldExclusively => interleaving is null ? _lock.IsWriteLockHeld : _hasWriter;

    /// <summary>Enters as one of many; leaves when the result is disposed.</summary>
    public Held EnterShared()
    {
        if (interleaving is null)
        {
            _lock.EnterReadLock();
            return new Held(this, isExclusive: false);
        }

        interleaving.BeforeWhen(this, 0, writes: false, () => !_hasWriter);
        _readers++;
        return new Held(this, isExclusive: false);
    }

    /// <summary>Enters alone; leaves when the result is disposed.</summary>
    public Held EnterExclusive()
    {
        if (interleaving is null)
        {
            _lock.EnterWriteLock();
            return new Held(this, isExclusive: true);
        }

        interleaving.BeforeWhen(this, 0, writes: true, () => !_hasWriter && _readers == 0);
        _hasWriter = true;
        return new Held(this, isExclusive: true);
    }

    private void Exit(bool isExclusive)
    {
        if (interleaving is null)
        {
            if (isExclusive)
            {
                _lock.ExitWriteLock();
            }
            else
            {
                _lock.ExitReadLock();
            }

            return;
        }

        interleaving.Before(this, 0, writes: isExclusive);
        if (isExclusive)
        {
            _hasWriter = false;
        }
        else
        {
            _readers--;
        }
    }

    /// <summary>The time that the gate is held.</summary>
    public readonly ref struct Held
    {
        private readonly SharedGate _gate;
        private readonly bool _isExclusive;

        internal Held(SharedGate gate, bool isExclusive)
        {
            _gate = gate;
            _isExclusive = isExclusive;
        }

        /// <summary>Leaves the gate.</summary>
        public void Dispose() => _gate.Exit(_isExclusive);
    }
}
