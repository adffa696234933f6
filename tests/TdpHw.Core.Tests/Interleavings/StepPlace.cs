namespace TdpHw.Core.Tests.Interleavings;

/// <summary>A part of an object that steps of one run read or change, with the steps that did.</summary>
internal sealed class StepPlace(object target, long part)
{
    private Clock _tries;

    /// <summary>The object.</summary>
    public object Target { get; } = target;

    /// <summary>Which part of it.</summary>
    public long Part { get; } = part;

    /// <summary>Whether steps wait here: a lock, which says nothing by itself about what it guards.</summary>
    public bool IsGate { get; set; }

    /// <summary>What had happened before the last writing step, or was it.</summary>
    public Clock Written { get; set; }

    /// <summary>What had happened before reading steps, or was one.</summary>
    public Clock Read { get; set; }

    /// <summary>The last step here; -1 before the first.</summary>
    public int LastStep { get; set; } = -1;

    /// <summary>Whether a thread was here since it last began a try.</summary>
    public bool IsPartOfTry(int thread, int number) => _tries[thread] == number;

    /// <summary>Says that a thread was here in a try.</summary>
    public void Join(int thread, int number) => _tries[thread] = number;

    /// <inheritdoc/>
    public override string ToString() => $"{Target}:{Part:x}";
}
