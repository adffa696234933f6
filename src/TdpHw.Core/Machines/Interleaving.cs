namespace TdpHw.Core.Machines;

/// <summary>
/// Decides which of several threads takes the next step on shared state. Without one, the operating system does. With one, every
/// read, change and lock of the model passes here first, so that a test can try all orders of a few operations one by one.
/// </summary>
/// <remarks>
/// A step reaches from one call to the next. Two steps can be exchanged when they concern different parts, or when neither writes:
/// a step "writes" if it matters to others on the same part whether they come before it or after it. No lock of .NET may be held
/// at a call.
/// </remarks>
internal abstract class Interleaving
{
    /// <summary>Called before a step on shared state.</summary>
    /// <param name="target">The object that the step reads or changes.</param>
    /// <param name="part">Which part of it.</param>
    /// <param name="writes">Whether its place among the others matters to them.</param>
    public abstract void Before(object target, long part, bool writes);

    /// <summary>Called before a step that waits until it can be taken.</summary>
    /// <param name="target">The object that the step reads or changes.</param>
    /// <param name="part">Which part of it.</param>
    /// <param name="writes">Whether its place among the others matters to them.</param>
    /// <param name="isPossible">Whether it can be taken as things stand; asked while no thread runs.</param>
    public abstract void BeforeWhen(object target, long part, bool writes, Func<bool> isPossible);

    /// <summary>Called before a try is repeated that failed because of another thread: in vain while all that it read is as it was.</summary>
    public abstract void BeforeRetry();
}
