using TdpHw.Core.Machines;

namespace TdpHw.Core.Kvm;

/// <summary>A process's address space (<c>struct mm_struct</c>): the VM's, or that of whoever allocates a HWPT.</summary>
public sealed class ProcessMemory
{
    private readonly string _name;
    private readonly SharedValue<bool> _isExited;

    /// <summary>The address space of a process that is no VM's.</summary>
    /// <param name="name">Whose it is.</param>
    public ProcessMemory(string name)
        : this(name, null)
    {
    }

    internal ProcessMemory(string name, Interleaving? interleaving)
    {
        _name = name;
        _isExited = new SharedValue<bool>(interleaving, false);
    }

    /// <summary>Whether the process has ended.</summary>
    public bool IsExited
    {
        get => _isExited.Value;
        internal set => _isExited.Value = value;
    }

    /// <inheritdoc/>
    public override string ToString() => _name;
}
