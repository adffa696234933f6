using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// Answers what a VT-d unit would report for an untranslated request without PASID.
/// (Intel VT-d Architecture Specification 3.14 "Handling Requests to Interrupt Address Range", 7.1 "Address Translation Faults".)
/// </summary>
public static class VtdTranslator
{
    /// <summary>Translates one request.</summary>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="tables">The device tables of the unit.</param>
    /// <param name="rules">The second stage's rules on this unit.</param>
    /// <param name="device">The device that sends the request.</param>
    /// <param name="address">The address of the request.</param>
    /// <param name="access">Whether it reads or writes.</param>
    public static DeviceAccess Translate<TMemory>(
        in TMemory memory,
        VtdDeviceTables<TMemory> tables,
        FormatRules<VtdSecondStage> rules,
        DeviceAddress device,
        InputAddress address,
        Access access)
        where TMemory : struct, IPhysicalMemory =>
        Translate(in memory, tables.Find(device), tables.IsScalable, rules, address, access);

    /// <summary>Translates one request of a device that was looked up before.</summary>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="found">What the unit's tables say of the device.</param>
    /// <param name="isScalable">Whether the unit is in scalable mode.</param>
    /// <param name="rules">The second stage's rules on this unit.</param>
    /// <param name="address">The address of the request.</param>
    /// <param name="access">Whether it reads or writes.</param>
    public static DeviceAccess Translate<TMemory>(
        in TMemory memory,
        VtdDevice found,
        bool isScalable,
        FormatRules<VtdSecondStage> rules,
        InputAddress address,
        Access access)
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (InterruptWindow.IsMessage(address))
        {
            return new DeviceAccess(found, VtdFaultReason.None, null, new(address.Value), IsInterrupt: true);
        }

        if (found.Fault != VtdFaultReason.None)
        {
            return Refused(found, found.Fault, null);
        }

        if (found.Kind == VtdTranslationKind.PassThrough)
        {
            return new DeviceAccess(found, VtdFaultReason.None, null, new(address.Value), IsInterrupt: false);
        }

        if (found.Kind != VtdTranslationKind.SecondStage)
        {
            throw new NotSupportedException(
                $"Requests of {found.Address} go through a first stage ({found.Kind}), which this version does not walk.");
        }

        Root<VtdSecondStage> root;
        try
        {
            root = new Root<VtdSecondStage>(rules, found.Root, found.Levels);
        }
        catch (ArgumentOutOfRangeException)
        {
            return Refused(found, isScalable ? VtdFaultReason.SecondStageRootInvalid : VtdFaultReason.ContextInvalid, null);
        }

        WalkResult walk = VtdSecondStage.Walk(in memory, root, address, access);
        VtdFaultReason reason = ReasonOf(walk, access, isScalable);
        return reason == VtdFaultReason.None
            ? new DeviceAccess(found, reason, walk, walk.Output, IsInterrupt: false)
            : Refused(found, reason, walk);
    }

    /// <summary>What the unit reports for the outcome of a walk of the second stage.</summary>
    /// <param name="walk">The walk.</param>
    /// <param name="access">What the request wanted.</param>
    /// <param name="isScalable">Whether the unit is in scalable mode.</param>
    public static VtdFaultReason ReasonOf(WalkResult walk, Access access, bool isScalable) => walk.Outcome switch
    {
        WalkOutcome.Mapped when InterruptWindow.IsBlocked(walk.Output) =>
            isScalable ? VtdFaultReason.ScalableOutputInInterruptWindow : VtdFaultReason.OutputInInterruptWindow,
        WalkOutcome.Mapped => VtdFaultReason.None,
        WalkOutcome.NotPresent or WalkOutcome.PermissionDenied =>
            isScalable ? VtdFaultReason.SecondStageDenied
            : access == Access.Write ? VtdFaultReason.WriteDenied
            : VtdFaultReason.ReadDenied,
        WalkOutcome.ReservedBitSet or WalkOutcome.IllegalEncoding =>
            isScalable ? VtdFaultReason.SecondStageReserved : VtdFaultReason.EntryReserved,
        WalkOutcome.AddressTooWide =>
            isScalable ? VtdFaultReason.ScalableAddressBeyondWidth : VtdFaultReason.AddressBeyondWidth,
        _ => isScalable ? VtdFaultReason.SecondStageUnreadable : VtdFaultReason.TableUnreadable,
    };

    private static DeviceAccess Refused(VtdDevice device, VtdFaultReason reason, WalkResult? walk) =>
        new(device, reason, walk, default, IsInterrupt: false);
}
