using System.Collections.Concurrent;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

public sealed partial class VtdUnit
{
    private readonly TranslationCache _iotlb;
    private readonly HardwareWalker<VtdSecondStage> _walker;

    // Held for a look into the caches or a walk, so that several devices' requests don't disturb each other's.
    private readonly ExclusiveGate _cachesLock;

    // No step for the scheduler: what belongs to a key is always the same, so that nobody can tell who found it here.
    private readonly ConcurrentDictionary<(HostPhysicalAddress Table, int Levels, int Switches), Root<VtdSecondStage>?> _roots = new();

    /// <summary>Translates a request. (Intel VT-d Architecture Specification, 3.14, 4.1 and 7.1.)</summary>
    /// <param name="device">The device that sends it.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the device wants to do.</param>
    /// <param name="isTranslationRequest">Whether the device asks for the translation, to keep it (ATS).</param>
    internal VtdTranslation Translate(DmaDevice device, InputAddress address, Access access, bool isTranslationRequest)
    {
        if (device.Settings.Pasid is null && InterruptWindow.IsMessage(address))
        {
            return new VtdTranslation(VtdFaultReason.None, new(address.Value), IsInterrupt: true);
        }

        using SharedGate.Held held = _gate.EnterShared();
        VtdDevice found = _tables.Find(device.Address, device.Settings.Pasid);
        VtdFaultReason refused = FindRoot(in found, isTranslationRequest, out Root<VtdSecondStage>? root);
        if (refused != VtdFaultReason.None || root is null)
        {
            return new VtdTranslation(refused, new(address.Value));
        }

        if (!Covers(root, address))
        {
            return new VtdTranslation(VtdTranslator.ReasonOf(WalkResult.TooWide, access, IsScalable));
        }

        VtdTranslation answer = Translate(device, root, (ulong)found.Domain, address, access);
        bool isRecoverable = isTranslationRequest && found.AllowsPageRequests && IsMissing(answer.Reason);
        return answer with { IsRecoverable = isRecoverable };
    }

    /// <summary>Whether a translation that a device keeps is still what its tables say.</summary>
    internal bool Agrees(DmaDevice device, InputAddress address, Access access, in CachedTranslation kept)
    {
        VtdDevice found = _tables.Find(device.Address, device.Settings.Pasid);
        return FindRoot(in found, isTranslationRequest: true, out Root<VtdSecondStage>? root) == VtdFaultReason.None
            && root is not null
            && kept.Agrees(address, VtdSecondStage.Walk(_machine.View, root, address, access));
    }

    private static bool IsMissing(VtdFaultReason reason) =>
        reason is VtdFaultReason.SecondStageDenied or VtdFaultReason.ReadDenied or VtdFaultReason.WriteDenied;

    private bool Covers(Root<VtdSecondStage> root, InputAddress address) =>
        root.Covers(address) && address.Value >> Cap.MaxGuestAddressWidth == 0;

    private VtdTranslation Translate(DmaDevice device, Root<VtdSecondStage> root, ulong tag, InputAddress address, Access access)
    {
        CachedTranslation cached;
        bool isHit;
        using (_cachesLock.Enter())
        {
            isHit = _iotlb.TryFind(tag, address, out cached)
                && cached.Allows(access)
                && !InterruptWindow.IsBlocked(cached.Translate(address));
        }

        if (!isHit)
        {
            return Walk(root, tag, address, access);
        }

        _machine.Counters.AddIotlbHit();
        bool isStale = _machine.IsQuiet
            && !cached.Agrees(address, VtdSecondStage.Walk(_machine.View, root, address, access))
            && _machine.IsQuiet;
        if (isStale)
        {
            _machine.CountStaleHit(StalePlace.Iotlb, device.ToString(), address);
        }

        return new VtdTranslation(VtdFaultReason.None, cached.Translate(address), cached, IsStale: isStale);
    }

    private VtdTranslation Walk(Root<VtdSecondStage> root, ulong tag, InputAddress address, Access access)
    {
        using ExclusiveGate.Held held = _cachesLock.Enter();
        bool isStale = false;
        while (true)
        {
            WalkResult walk = _walker.Walk(tag, root, address, access, out bool wasStale);
            isStale |= wasStale;
            VtdFaultReason reason = VtdTranslator.ReasonOf(walk, access, IsScalable);
            if (reason != VtdFaultReason.None)
            {
                return new VtdTranslation(reason, IsStale: isStale);
            }

            if (TrySetFlags(root.Rules[walk.Level], walk, access, out bool isDirty))
            {
                CachedTranslation page = CachedTranslation.Of(address, walk, isDirty);
                _iotlb.Add(tag, page);
                return new VtdTranslation(VtdFaultReason.None, walk.Output, page, IsStale: isStale);
            }
        }
    }

    /// <summary>Sets accessed and dirty flags where they are switched on.</summary>
    /// <returns>Whether the entry still was what the walk read.</returns>
    private bool TrySetFlags(LevelRules rules, in WalkResult walk, Access access, out bool isDirty)
    {
        ulong entry = walk.Entry | rules.LeafAccessed | (access == Access.Write ? rules.LeafDirty : 0);
        isDirty = rules.LeafDirty == 0 || (entry & rules.LeafDirty) != 0;
        return entry == walk.Entry || _machine.Memory.TryChange(walk.EntryAddress, walk.Entry, entry);
    }

    /// <summary>The second stage that a device's entries lead to; null, without a fault, where requests pass as they are.</summary>
    private VtdFaultReason FindRoot(in VtdDevice device, bool isTranslationRequest, out Root<VtdSecondStage>? root)
    {
        root = null;
        if (device.Fault != VtdFaultReason.None)
        {
            return device.Fault;
        }

        if (isTranslationRequest && !device.AllowsDeviceTlb)
        {
            return IsScalable ? VtdFaultReason.DeviceTlbDisabled : VtdFaultReason.TranslationRequestBlocked;
        }

        if (device.Kind == VtdTranslationKind.PassThrough)
        {
            return VtdFaultReason.None;
        }

        VtdFaultReason invalid = IsScalable ? VtdFaultReason.PasidInvalid : VtdFaultReason.ContextInvalid;
        if (device.Kind != VtdTranslationKind.SecondStage || !HasWalk(device.Levels))
        {
            return invalid;
        }

        int switches = (device.HonoursExecute ? 1 : 0) | (device.MarksAccesses ? 2 : 0) | (device.HasMemoryTypes ? 4 : 0);
        root = _roots.GetOrAdd((device.Root, device.Levels, switches), static (key, unit) => unit.RootOf(key), this);
        return root is not null ? VtdFaultReason.None : IsScalable ? VtdFaultReason.SecondStageRootInvalid : invalid;
    }

    internal bool HasWalk(int levels) => levels switch
    {
        3 => Cap.Walk3,
        4 => Cap.Walk4,
        5 => Cap.Walk5,
        _ => false,
    };

    private Root<VtdSecondStage>? RootOf((HostPhysicalAddress Table, int Levels, int Switches) key)
    {
        if (key.Table.Value >> Settings.HostAddressWidth != 0)
        {
            return null;
        }

        var rules = VtdSecondStage.RulesFor(CapabilitiesWith(
            executes: (key.Switches & 1) != 0, marks: (key.Switches & 2) != 0, types: (key.Switches & 4) != 0));
        return new Root<VtdSecondStage>(rules, key.Table, key.Levels);
    }

    /// <summary>What the second stage's rules depend on: the unit's registers, as far as a device's entry switches them on.</summary>
    private VtdSecondStageCapabilities CapabilitiesWith(bool executes, bool marks, bool types) => new()
    {
        Haw = Settings.HostAddressWidth,
        Page2M = Cap.Page2M,
        Page1G = Cap.Page1G,
        Walk5 = Cap.Walk5,
        SnoopControl = Ecap.SnoopControl,
        ExecuteRequests = Ecap.ExecuteRequests && executes,
        AccessedDirty = Ecap.SecondStageAccessedDirty && marks,
        MemoryType = Ecap.MemoryType && types,
    };
}
