namespace TdpHw.Core.Kvm;

/// <summary>A process's address space (<c>struct mm_struct</c>): the VM's, or that of whoever allocates a HWPT.</summary>
/// <param name="name">Whose it is.</param>
public sealed class ProcessMemory(string name)
{
    /// <summary>Whether the process has ended.</summary>
    public bool IsExited { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() => name;
}
