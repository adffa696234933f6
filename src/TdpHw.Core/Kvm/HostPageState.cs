namespace TdpHw.Core.Kvm;

/// <summary>What came of making a host page present.</summary>
internal enum HostPageState
{
    /// <summary>It is present.</summary>
    Present,

    /// <summary>Its memory is broken.</summary>
    Poisoned,

    /// <summary>The host has no memory left.</summary>
    OutOfMemory,
}
