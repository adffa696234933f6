namespace TdpHw.Core.Machines;

/// <summary>A variable that threads read and write without a lock, each time as a whole.</summary>
/// <typeparam name="T">A reference, or what fits into one.</typeparam>
/// <param name="interleaving">What decides the order of steps; null for the operating system.</param>
/// <param name="value">What it holds at first.</param>
internal sealed class SharedValue<T>(Interleaving? interleaving, T value)
{
    private T _value = value;

    public T Value
    {
        get
        {
            interleaving?.Before(this, 0, writes: false);
            T seen = _value;
            Volatile.ReadBarrier();
            return seen;
        }

        set
        {
            interleaving?.Before(this, 0, writes: true);
            Volatile.WriteBarrier();
            _value = value;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => typeof(T).Name;
}
