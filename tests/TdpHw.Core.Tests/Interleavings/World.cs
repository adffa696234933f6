namespace TdpHw.Core.Tests.Interleavings;

/// <summary>What a schedule runs in: made anew for each, the same each time. Whatever one of its members throws is a finding.</summary>
internal abstract class World
{
    /// <summary>Two or three operations, each on a thread of its own.</summary>
    public abstract IReadOnlyList<Operation> Operations { get; }

    /// <summary>Judges what all operations together came to.</summary>
    public abstract void CheckEnd();
}
