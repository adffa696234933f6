using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// A PCI device function that does DMA behind a unit, with a TLB of its own where it has ATS. Any thread may have it access memory.
/// </summary>
public sealed partial class DmaDevice
{
    // What a device keeps is all of one address space here: it sends all its requests with one PASID, or all without.
    private const ulong OnlyTag = 0;

    private readonly Machine _machine;
    private readonly TranslationCache _tlb;

    // Held from the look at a translation to the access with it: an invalidation waits for the accesses under way. The unit's own
    // lock is taken inside, the other way round never.
    private readonly ExclusiveGate _accesses;
    private readonly SharedValue<bool> _isAtsEnabled;
    private readonly SharedValue<bool> _isRemoved;
    private readonly SharedValue<KvmHwpt?> _hwpt;

    internal DmaDevice(VtdUnit unit, DeviceAddress address, DmaDeviceSettings settings)
    {
        _machine = unit.Machine;
        Unit = unit;
        Address = address;
        Settings = settings;
        _tlb = new TranslationCache(_machine.Interleaving);
        _accesses = new ExclusiveGate(_machine.Interleaving);
        _requests = new SharedGate(_machine.Interleaving);
        AttachLock = new ExclusiveGate(_machine.Interleaving);
        _isAtsEnabled = new(_machine.Interleaving, false);
        _isRemoved = new(_machine.Interleaving, false);
        _hwpt = new(_machine.Interleaving, null);
    }

    /// <summary>The unit that it is behind.</summary>
    public VtdUnit Unit { get; }

    /// <summary>Bus, device and function.</summary>
    public DeviceAddress Address { get; }

    /// <summary>What it can do.</summary>
    public DmaDeviceSettings Settings { get; }

    /// <summary>The table that it is attached to, or null.</summary>
    public KvmHwpt? Hwpt
    {
        get => _hwpt.Value;
        internal set => _hwpt.Value = value;
    }

    /// <summary>Whether it was unplugged.</summary>
    public bool IsRemoved => _isRemoved.Value;

    /// <summary>Whether it asks for translations and keeps them now.</summary>
    public bool IsAtsEnabled => _isAtsEnabled.Value;

    /// <summary>Whether device and unit can ATS.</summary>
    internal bool CanUseAts => Settings.HasAts && Unit.Settings.Ecap.DeviceTlb;

    /// <summary>Its PASID tables; null before the first attach and in legacy mode. <see cref="AttachLock"/> guards them.</summary>
    internal PasidDirectory? Directory { get; set; }

    /// <summary>Held while the device is attached, detached or unplugged.</summary>
    internal ExclusiveGate AttachLock { get; }

    /// <summary>An access to memory, with the page requests that it takes.</summary>
    /// <param name="address">The address; guest-physical for a device of a guest.</param>
    /// <param name="isWrite">Whether it writes.</param>
    public DmaAnswer Dma(InputAddress address, bool isWrite)
    {
        // A page may be gone again by the time that the device is told that it is there; so often in a row it is not.
        const int mostRequests = 3;
        Access access = isWrite ? Access.Write : Access.Read;
        var page = new PageRequest(address, isWrite ? Kvm.TdpAccess.Write : Kvm.TdpAccess.Read);
        bool isStale = false;
        for (int requests = 0; ; requests++)
        {
            VtdTranslation answer = Translate(address, access);
            isStale |= answer.IsStale;
            if (answer.IsAllowed)
            {
                return new DmaAnswer(DmaOutcome.Done, answer.Output, VtdFaultReason.None, requests, isStale, answer.IsInterrupt);
            }

            if (!answer.IsRecoverable || !ArePageRequestsEnabled)
            {
                _machine.Report(MachineEventKind.DmaFault, ToString(), address.Value, detail: answer.Reason.ToString());
                return new DmaAnswer(DmaOutcome.Fault, default, answer.Reason, requests, isStale, IsInterrupt: false);
            }

            DmaOutcome? refusal = requests == mostRequests ? DmaOutcome.Failure : OutcomeOf(RequestPages(page));
            if (refusal is DmaOutcome outcome)
            {
                int sent = Math.Min(requests + 1, mostRequests);
                return new DmaAnswer(outcome, default, answer.Reason, sent, isStale, IsInterrupt: false);
            }
        }
    }

    /// <summary>Unplugs the device.</summary>
    /// <returns>EBUSY while it is attached.</returns>
    public Errno Remove()
    {
        using ExclusiveGate.Held held = AttachLock.Enter();
        if (Hwpt is not null)
        {
            return Errno.EBUSY;
        }

        _isRemoved.Value = true;
        Unit.RemoveDevice(this);
        return Errno.None;
    }

    /// <summary>The address, as <c>lspci</c> writes it.</summary>
    public override string ToString() => Address.ToString();

    /// <summary>Forgets translations; when this returns, no access with one of them is under way.</summary>
    internal void DropTranslations(InputAddress first, InputAddress last)
    {
        using ExclusiveGate.Held held = _accesses.Enter();
        _tlb.Drop(OnlyTag, first.Value, last.Value);
    }

    /// <summary>Lets the device ask for translations from now on, if it can, or no longer.</summary>
    internal void SetAts(bool isOn) => _isAtsEnabled.Value = isOn && CanUseAts;

    private static DmaOutcome? OutcomeOf(PageResponse response) => response switch
    {
        PageResponse.Success => null,
        PageResponse.Invalid => DmaOutcome.Invalid,
        PageResponse.None => DmaOutcome.NoAnswer,
        _ => DmaOutcome.Failure,
    };

    private VtdTranslation Translate(InputAddress address, Access access)
    {
        using ExclusiveGate.Held held = _accesses.Enter();
        if (!IsAtsEnabled || (Settings.Pasid is null && InterruptWindow.IsMessage(address)))
        {
            return Unit.Translate(this, address, access, isTranslationRequest: false);
        }

        if (_tlb.TryFind(OnlyTag, address, out CachedTranslation kept)
            && kept.Allows(access)
            && !InterruptWindow.IsBlocked(kept.Translate(address)))
        {
            _machine.Counters.AddDeviceTlbHit();
            bool isStale = _machine.IsQuiet && !Unit.Agrees(this, address, access, kept) && _machine.IsQuiet;
            if (isStale)
            {
                _machine.CountStaleHit(StalePlace.DeviceTlb, ToString(), address);
            }

            return new VtdTranslation(VtdFaultReason.None, kept.Translate(address), kept, IsStale: isStale);
        }

        VtdTranslation answer = Unit.Translate(this, address, access, isTranslationRequest: true);
        if (answer.Page is CachedTranslation page)
        {
            _tlb.Add(OnlyTag, page);
        }

        return answer;
    }

    /// <summary>A device's PASID tables.</summary>
    /// <param name="Start">The directory.</param>
    /// <param name="SizeLog">It has 2 to this power entries.</param>
    /// <param name="PageCount">How many pages it takes.</param>
    internal sealed record PasidDirectory(HostPhysicalAddress Start, int SizeLog, int PageCount)
    {
        /// <summary>The PASID tables, by their index in the directory.</summary>
        public Dictionary<int, HostPhysicalAddress> Tables { get; } = [];
    }
}
