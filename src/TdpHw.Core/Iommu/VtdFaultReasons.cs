namespace TdpHw.Core.Iommu;

/// <summary>What fault reasons mean, in a sentence, and what to look at first.</summary>
public static class VtdFaultReasons
{
    /// <summary>What the unit found, and where to look.</summary>
    /// <param name="Meaning">What it found.</param>
    /// <param name="Hint">What usually causes it, and what to look at.</param>
    public readonly record struct Explanation(string Meaning, string Hint);

    private const string NotMapped = "The driver did not map the address for the device, unmapped it too early, or the device "
        + "used an address that it was not given.";

    private const string Broken = "Software that wrote the entry and this unit disagree about its format: compare the entry with "
        + "the unit's CAP, ECAP and host address width.";

    private const string Unassigned = "No driver has attached the device to a domain, or it uses another requester id "
        + "(a bridge, a phantom function).";

    private static readonly Dictionary<VtdFaultReason, Explanation> All = new()
    {
        [VtdFaultReason.RootNotPresent] = new("the root entry of the device's bus is not present", Unassigned),
        [VtdFaultReason.ContextNotPresent] = new("the context entry of the device is not present", Unassigned),
        [VtdFaultReason.ContextInvalid] = new("the context entry asks for a width or type that the unit lacks", Broken),
        [VtdFaultReason.AddressBeyondWidth] = new("the address is wider than the device's tables translate", NotMapped),
        [VtdFaultReason.WriteDenied] = new(
            "an entry on the path of a write does not allow writes; an entry of zeros, an unmapped address, is one too", NotMapped),
        [VtdFaultReason.ReadDenied] = new(
            "an entry on the path of a read does not allow reads; an entry of zeros, an unmapped address, is one too", NotMapped),
        [VtdFaultReason.TableUnreadable] = new("a paging entry points to memory that can't be read", Broken),
        [VtdFaultReason.RootTableUnreadable] = new("the root table can't be read", "RTADDR_REG points to no memory."),
        [VtdFaultReason.ContextTableUnreadable] = new("the context table can't be read", Broken),
        [VtdFaultReason.RootReserved] = new("a reserved bit is set in the root entry", Broken),
        [VtdFaultReason.ContextReserved] = new("a reserved bit is set in the context entry", Broken),
        [VtdFaultReason.EntryReserved] = new("a reserved bit is set in a paging entry that allows the access", Broken),
        [VtdFaultReason.TranslationRequestBlocked] = new(
            "the device sent a translation request, which its context entry does not allow", "ATS is on in the device and off here."),
        [VtdFaultReason.OutputInInterruptWindow] = new("the address translates into the interrupt window 0xfee00000", Broken),
        [VtdFaultReason.RootAddressInvalid] = new("RTADDR_REG is not valid", Broken),
        [VtdFaultReason.PasidInLegacyMode] = new("a request carried a PASID while the unit is in legacy mode", Broken),
        [VtdFaultReason.PageRequestInLegacyMode] = new("a page request arrived while the unit is in legacy mode", Broken),
        [VtdFaultReason.ScalableRootTableUnreadable] = new("the root table can't be read", "RTADDR_REG points to no memory."),
        [VtdFaultReason.ScalableRootNotPresent] = new("the half of the root entry for the device is not present", Unassigned),
        [VtdFaultReason.ScalableRootReserved] = new("a reserved bit is set in the root entry", Broken),
        [VtdFaultReason.ScalableContextUnreadable] = new("the context table can't be read", Broken),
        [VtdFaultReason.ScalableContextNotPresent] = new("the context entry of the device is not present", Unassigned),
        [VtdFaultReason.ScalableContextReserved] = new("a reserved bit is set in the context entry", Broken),
        [VtdFaultReason.ScalableContextInvalid] = new("the context entry asks for what the unit lacks", Broken),
        [VtdFaultReason.DeviceTlbDisabled] = new(
            "the device used translations of its own, which its context entry does not allow", "ATS is on in the device and off here."),
        [VtdFaultReason.PasidDisabled] = new("a request carried a PASID, which the context entry does not allow", Unassigned),
        [VtdFaultReason.PasidBeyondDirectory] = new("the PASID is beyond the directory that the context entry gives", Unassigned),
        [VtdFaultReason.PageRequestsDisabled] = new("the context entry does not allow page requests", "PRI is on in the device and off here."),
        [VtdFaultReason.RidPasidInvalid] = new("RID_PASID of the context entry can't be used", Broken),
        [VtdFaultReason.PasidDirectoryUnreadable] = new("the PASID directory can't be read", Broken),
        [VtdFaultReason.PasidDirectoryNotPresent] = new("the PASID-directory entry is not present", Unassigned),
        [VtdFaultReason.PasidDirectoryReserved] = new("a reserved bit is set in the PASID-directory entry", Broken),
        [VtdFaultReason.PasidTableUnreadable] = new("the PASID table can't be read", Broken),
        [VtdFaultReason.PasidNotPresent] = new("the PASID-table entry is not present", Unassigned),
        [VtdFaultReason.PasidReserved] = new("a reserved bit is set in the PASID-table entry", Broken),
        [VtdFaultReason.PasidInvalid] = new("the PASID-table entry asks for a stage or width that the unit lacks", Broken),
        [VtdFaultReason.ExecuteRequestsDisabled] = new("an execute request, which the PASID-table entry does not allow", Broken),
        [VtdFaultReason.SupervisorRequestsDisabled] = new("a supervisor request, which the PASID-table entry does not allow", Broken),
        [VtdFaultReason.FirstStageUnreadable] = new("a first-stage entry can't be read", Broken),
        [VtdFaultReason.FirstStageNotPresent] = new("a first-stage entry is not present", NotMapped),
        [VtdFaultReason.FirstStageReserved] = new("a reserved bit is set in a first-stage entry", Broken),
        [VtdFaultReason.FirstStageRootInvalid] = new("the first-stage root can't be used", Broken),
        [VtdFaultReason.SecondStageUnreadable] = new("a second-stage entry can't be read", Broken),
        [VtdFaultReason.SecondStageDenied] = new(
            "a second-stage entry does not allow the access; an entry of zeros, an unmapped address, is one too", NotMapped),
        [VtdFaultReason.SecondStageReserved] = new("a reserved bit is set in a second-stage entry that allows the access", Broken),
        [VtdFaultReason.SecondStageRootInvalid] = new("the second-stage root can't be used", Broken),
        [VtdFaultReason.SecondStageFlagsUnwritable] = new("the unit could not set an accessed or dirty flag", Broken),
        [VtdFaultReason.NotCanonical] = new("the address is not canonical", NotMapped),
        [VtdFaultReason.UserDenied] = new("a first-stage entry does not allow user accesses", NotMapped),
        [VtdFaultReason.ScalableAddressBeyondWidth] = new("the address is wider than the second stage translates", NotMapped),
        [VtdFaultReason.FirstStageWriteDenied] = new("a first-stage entry does not allow writes", NotMapped),
        [VtdFaultReason.ScalableOutputInInterruptWindow] = new("the address translates into the interrupt window 0xfee00000", Broken),
    };

    /// <summary>Every reason that has an explanation.</summary>
    public static IEnumerable<VtdFaultReason> Known => All.Keys.Order();

    /// <summary>What a reason means.</summary>
    /// <param name="reason">The code as the unit reports it.</param>
    /// <param name="explanation">Its meaning.</param>
    /// <returns>Whether the code is known.</returns>
    public static bool TryExplain(VtdFaultReason reason, out Explanation explanation) =>
        All.TryGetValue(reason, out explanation);
}
