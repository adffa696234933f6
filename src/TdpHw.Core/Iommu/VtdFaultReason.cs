namespace TdpHw.Core.Iommu;

/// <summary>
/// Why a VT-d unit refused a DMA request, with the code that it reports.
/// (Intel VT-d Architecture Specification, chapter 7 and appendix "Fault Reason Encodings".)
/// </summary>
public enum VtdFaultReason
{
    /// <summary>There was no fault.</summary>
    None = 0,

    /// <summary>Legacy mode: the root entry of the bus is not present.</summary>
    RootNotPresent = 0x01,

    /// <summary>Legacy mode: the context entry of the device is not present.</summary>
    ContextNotPresent = 0x02,

    /// <summary>Legacy mode: the context entry asks for what the unit can't do.</summary>
    ContextInvalid = 0x03,

    /// <summary>Legacy mode: the address is wider than the tables translate.</summary>
    AddressBeyondWidth = 0x04,

    /// <summary>Legacy mode: a write met an entry that does not allow writes, or is not present.</summary>
    WriteDenied = 0x05,

    /// <summary>Legacy mode: a read met an entry that does not allow reads, or is not present.</summary>
    ReadDenied = 0x06,

    /// <summary>Legacy mode: a paging entry points to a table that can't be read.</summary>
    TableUnreadable = 0x07,

    /// <summary>Legacy mode: the root table can't be read.</summary>
    RootTableUnreadable = 0x08,

    /// <summary>Legacy mode: the context table can't be read.</summary>
    ContextTableUnreadable = 0x09,

    /// <summary>Legacy mode: a reserved bit is set in the root entry.</summary>
    RootReserved = 0x0a,

    /// <summary>Legacy mode: a reserved bit is set in the context entry.</summary>
    ContextReserved = 0x0b,

    /// <summary>Legacy mode: a reserved bit is set in a paging entry that allows the access.</summary>
    EntryReserved = 0x0c,

    /// <summary>Legacy mode: a translation request of a device that must not send any.</summary>
    TranslationRequestBlocked = 0x0d,

    /// <summary>Legacy mode: the translation leads into the interrupt window.</summary>
    OutputInInterruptWindow = 0x0e,

    /// <summary>Scalable mode: the root table address register is not valid.</summary>
    RootAddressInvalid = 0x30,

    /// <summary>A request carried a PASID while the unit is in legacy mode.</summary>
    PasidInLegacyMode = 0x31,

    /// <summary>A page request arrived while the unit is in legacy mode.</summary>
    PageRequestInLegacyMode = 0x32,

    /// <summary>Scalable mode: the root table can't be read.</summary>
    ScalableRootTableUnreadable = 0x38,

    /// <summary>Scalable mode: the root entry of the bus is not present.</summary>
    ScalableRootNotPresent = 0x39,

    /// <summary>Scalable mode: a reserved bit is set in the root entry.</summary>
    ScalableRootReserved = 0x3a,

    /// <summary>Scalable mode: the context table can't be read.</summary>
    ScalableContextUnreadable = 0x40,

    /// <summary>Scalable mode: the context entry of the device is not present.</summary>
    ScalableContextNotPresent = 0x41,

    /// <summary>Scalable mode: a reserved bit is set in the context entry.</summary>
    ScalableContextReserved = 0x42,

    /// <summary>Scalable mode: the context entry asks for what the unit can't do.</summary>
    ScalableContextInvalid = 0x43,

    /// <summary>Scalable mode: the context entry does not allow the device to cache translations.</summary>
    DeviceTlbDisabled = 0x44,

    /// <summary>Scalable mode: the context entry does not allow requests with a PASID.</summary>
    PasidDisabled = 0x45,

    /// <summary>Scalable mode: the PASID is beyond the directory.</summary>
    PasidBeyondDirectory = 0x46,

    /// <summary>Scalable mode: the context entry does not allow page requests.</summary>
    PageRequestsDisabled = 0x47,

    /// <summary>Scalable mode: RID_PASID of the context entry can't be used.</summary>
    RidPasidInvalid = 0x48,

    /// <summary>Scalable mode: the PASID directory can't be read.</summary>
    PasidDirectoryUnreadable = 0x50,

    /// <summary>Scalable mode: the PASID-directory entry is not present.</summary>
    PasidDirectoryNotPresent = 0x51,

    /// <summary>Scalable mode: a reserved bit is set in the PASID-directory entry.</summary>
    PasidDirectoryReserved = 0x52,

    /// <summary>Scalable mode: the PASID table can't be read.</summary>
    PasidTableUnreadable = 0x58,

    /// <summary>Scalable mode: the PASID-table entry is not present.</summary>
    PasidNotPresent = 0x59,

    /// <summary>Scalable mode: a reserved bit is set in the PASID-table entry.</summary>
    PasidReserved = 0x5a,

    /// <summary>Scalable mode: the PASID-table entry asks for what the unit can't do.</summary>
    PasidInvalid = 0x5b,

    /// <summary>Scalable mode: execute requests are not enabled for the PASID.</summary>
    ExecuteRequestsDisabled = 0x5c,

    /// <summary>Scalable mode: supervisor requests are not enabled for the PASID.</summary>
    SupervisorRequestsDisabled = 0x5d,

    /// <summary>Scalable mode: a first-stage entry can't be read.</summary>
    FirstStageUnreadable = 0x70,

    /// <summary>Scalable mode: a first-stage entry is not present.</summary>
    FirstStageNotPresent = 0x71,

    /// <summary>Scalable mode: a reserved bit is set in a first-stage entry.</summary>
    FirstStageReserved = 0x72,

    /// <summary>Scalable mode: the first-stage root can't be used.</summary>
    FirstStageRootInvalid = 0x73,

    /// <summary>Scalable mode: a second-stage entry can't be read.</summary>
    SecondStageUnreadable = 0x78,

    /// <summary>Scalable mode: a second-stage entry does not allow the access, or is not present.</summary>
    SecondStageDenied = 0x79,

    /// <summary>Scalable mode: a reserved bit is set in a second-stage entry that allows the access.</summary>
    SecondStageReserved = 0x7a,

    /// <summary>Scalable mode: the second-stage root can't be used.</summary>
    SecondStageRootInvalid = 0x7b,

    /// <summary>Scalable mode: accessed or dirty flags of the second stage can't be set.</summary>
    SecondStageFlagsUnwritable = 0x7c,

    /// <summary>Scalable mode: the address is not canonical.</summary>
    NotCanonical = 0x80,

    /// <summary>Scalable mode: the first stage does not allow user accesses.</summary>
    UserDenied = 0x81,

    /// <summary>Scalable mode: the address is wider than the tables translate.</summary>
    ScalableAddressBeyondWidth = 0x84,

    /// <summary>Scalable mode: the first stage does not allow the write.</summary>
    FirstStageWriteDenied = 0x85,

    /// <summary>Scalable mode: the translation leads into the interrupt window.</summary>
    ScalableOutputInInterruptWindow = 0x87,
}
