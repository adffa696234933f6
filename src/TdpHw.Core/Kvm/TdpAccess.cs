namespace TdpHw.Core.Kvm;

/// <summary>What a page request asks for (<c>struct kvm_tdp_fault_type</c>; series, patch 01).</summary>
[Flags]
public enum TdpAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>To read.</summary>
    Read = 1,

    /// <summary>To write.</summary>
    Write = 2,

    /// <summary>To execute.</summary>
    Execute = 4,
}
