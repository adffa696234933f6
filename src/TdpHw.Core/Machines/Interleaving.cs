namespace TdpHw.Core.Machines;

/// <summary>
/// Decides which of several threads takes the next step on shared state. Without one, the operating system does. With one, every
/// read, change and lock of the model passes here first, so that a test can try all orders of a few operations one by one.
/// </summary>
internal abstract class Interleaving
{
    /// <summary>Called before a step on shared state.</summary>
    /// <param name="target">The object that the step reads or changes.</param>
    /// <param name="part">Which part of it; steps on different parts can't disturb each other.</param>
    /// <param name="writes">Whether the step may change it.</param>
    public abstract void Before(object target, long part, bool writes);

    /// <summary>Called when a step can't be taken before another thread changes <paramref name="target"/>.</summary>
    public abstract void WaitFor(object target);
}
