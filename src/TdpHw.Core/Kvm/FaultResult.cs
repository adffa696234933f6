namespace TdpHw.Core.Kvm;

/// <summary>What came of handling a fault on guest memory. (Linux 6.7 mmu_internal.h, the RET_PF values.)</summary>
internal enum FaultResult
{
    /// <summary>Go on handling it.</summary>
    Continue,

    /// <summary>Something changed underneath: try again.</summary>
    Retry,

    /// <summary>The access must be emulated.</summary>
    Emulate,

    /// <summary>What was found there is out of date and says nothing.</summary>
    Invalid,

    /// <summary>The entry was changed so that the access succeeds.</summary>
    Fixed,

    /// <summary>The entry allowed the access already.</summary>
    Spurious,

    /// <summary>The host's memory behind the page is broken.</summary>
    Poisoned,

    /// <summary>No memory for tables or for the page.</summary>
    OutOfMemory,

    /// <summary>The host can't provide the page, or the fault's sender may not have it.</summary>
    BadAddress,
}
