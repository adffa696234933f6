namespace TdpHw.Core.Machines;

/// <summary>
/// Counts the modelled kernel's allocations, so that a chosen one fails: objects, cache objects and table pages, in the order in
/// which the kernel makes them.
/// </summary>
public sealed class AllocationBudget
{
    private long _untilFailure;

    /// <summary>Makes the <paramref name="n"/>-th allocation from now on fail, once.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is less than 1.</exception>
    public void FailNext(long n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        Volatile.Write(ref _untilFailure, n);
    }

    /// <summary>Allocates.</summary>
    /// <returns>Whether the allocation succeeds.</returns>
    internal bool TryAllocate() => Volatile.Read(ref _untilFailure) == 0 || Interlocked.Decrement(ref _untilFailure) != 0;
}
