using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// The tables that lead from RTADDR_REG to each device's translation, in legacy and in scalable mode.
/// (Intel VT-d Architecture Specification 3.4 "Mapping Devices to Domains", 9.1 to 9.6.)
/// </summary>
/// <typeparam name="TMemory">Where the tables are.</typeparam>
public readonly struct VtdDeviceTables<TMemory>
    where TMemory : struct, IPhysicalMemory
{
    private const int BusCount = 256;
    private const int FunctionCount = 256;

    private readonly TMemory _memory;

    /// <summary>The tables below a register.</summary>
    /// <param name="memory">Where they are.</param>
    /// <param name="rtaddr">What RTADDR_REG reads.</param>
    public VtdDeviceTables(in TMemory memory, VtdRtaddr rtaddr)
    {
        _memory = memory;
        Rtaddr = rtaddr;
    }

    /// <summary>The register that the tables start from.</summary>
    public VtdRtaddr Rtaddr { get; }

    /// <summary>Whether the unit is in scalable mode.</summary>
    public bool IsScalable => Rtaddr.Mode == VtdTranslationTableMode.Scalable;

    /// <summary>
    /// Every device with a context entry that is present, in the order of their addresses. Of a root entry that the unit refuses the
    /// first device is there that it is for: which others have context entries nobody can say.
    /// </summary>
    public IEnumerable<VtdDevice> Devices()
    {
        for (int bus = 0; bus < BusCount; bus++)
        {
            if (!HasContextTable((byte)bus))
            {
                continue;
            }

            for (int function = 0; function < FunctionCount; function++)
            {
                VtdDevice device = Find(new DeviceAddress((byte)bus, (byte)function));
                if (device.Fault is not (VtdFaultReason.RootNotPresent or VtdFaultReason.ContextNotPresent
                    or VtdFaultReason.ScalableRootNotPresent or VtdFaultReason.ScalableContextNotPresent
                    or VtdFaultReason.ContextTableUnreadable or VtdFaultReason.ScalableContextUnreadable))
                {
                    yield return device;
                }

                if (device.Fault is VtdFaultReason.RootReserved or VtdFaultReason.ScalableRootReserved)
                {
                    function |= FunctionsPerTable - 1;
                }
            }
        }
    }

    /// <summary>How many devices a context table is for.</summary>
    private int FunctionsPerTable => IsScalable ? FunctionCount / 2 : FunctionCount;

    /// <summary>What the tables say of <paramref name="device"/>; one that they do not know has a <see cref="VtdDevice.Fault"/>.</summary>
    /// <param name="device">The device.</param>
    /// <param name="pasid">The PASID that its request carries; null for none, as of most devices.</param>
    public VtdDevice Find(DeviceAddress device, int? pasid = null) => Rtaddr.Mode switch
    {
        VtdTranslationTableMode.Legacy when pasid is not null => Refused(device, VtdFaultReason.PasidInLegacyMode),
        VtdTranslationTableMode.Legacy => FindLegacy(device),
        VtdTranslationTableMode.Scalable => FindScalable(device, pasid),
        _ => Refused(device, VtdFaultReason.RootAddressInvalid),
    };

    private bool HasContextTable(byte bus)
    {
        Span<ulong> words = stackalloc ulong[VtdRootEntry.WordCount];
        return TryRead(Rtaddr.RootTable, bus, words) && ((words[0] | words[1]) & 1) != 0;
    }

    private VtdDevice FindLegacy(DeviceAddress device)
    {
        Span<ulong> words = stackalloc ulong[VtdContextEntry.WordCount];
        if (!TryRead(Rtaddr.RootTable, device.Bus, words))
        {
            return Refused(device, VtdFaultReason.RootTableUnreadable);
        }

        VtdRootEntry root = VtdRootEntry.Read(words);
        if (!root.Present)
        {
            return Refused(device, VtdFaultReason.RootNotPresent);
        }

        if (root.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.RootReserved);
        }

        if (!TryRead(root.ContextTable, device.Function, words))
        {
            return Refused(device, VtdFaultReason.ContextTableUnreadable);
        }

        VtdContextEntry context = VtdContextEntry.Read(words);
        if (!context.Present)
        {
            return Refused(device, VtdFaultReason.ContextNotPresent);
        }

        if (context.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.ContextReserved);
        }

        return context.TranslationType switch
        {
            VtdTranslationType.Untranslated or VtdTranslationType.DeviceTlb => new VtdDevice(
                device,
                VtdTranslationKind.SecondStage,
                context.SecondStage,
                context.Levels,
                context.DomainId,
                null,
                VtdFaultReason.None)
            {
                AllowsDeviceTlb = context.TranslationType == VtdTranslationType.DeviceTlb,
            },
            VtdTranslationType.PassThrough => new VtdDevice(
                device, VtdTranslationKind.PassThrough, default, 0, context.DomainId, null, VtdFaultReason.None),
            _ => Refused(device, VtdFaultReason.ContextInvalid),
        };
    }

    private VtdDevice FindScalable(DeviceAddress device, int? pasid)
    {
        Span<ulong> words = stackalloc ulong[VtdPasidEntry.WordCount];
        if (!TryRead(Rtaddr.RootTable, device.Bus, words[..VtdScalableRootEntry.WordCount]))
        {
            return Refused(device, VtdFaultReason.ScalableRootTableUnreadable);
        }

        // The lower context table serves devices 0 to 15, the upper one 16 to 31.
        VtdScalableRootEntry root = VtdScalableRootEntry.Read(words);
        bool isUpper = device.Function >= FunctionCount / 2;
        if (isUpper ? !root.UpperPresent : !root.LowerPresent)
        {
            return Refused(device, VtdFaultReason.ScalableRootNotPresent);
        }

        if (root.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.ScalableRootReserved);
        }

        HostPhysicalAddress contextTable = isUpper ? root.UpperContextTable : root.LowerContextTable;
        if (!TryRead(contextTable, device.Function % (FunctionCount / 2), words[..VtdScalableContextEntry.WordCount]))
        {
            return Refused(device, VtdFaultReason.ScalableContextUnreadable);
        }

        VtdScalableContextEntry context = VtdScalableContextEntry.Read(words);
        if (!context.Present)
        {
            return Refused(device, VtdFaultReason.ScalableContextNotPresent);
        }

        if (context.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.ScalableContextReserved);
        }

        return pasid is not null && !context.PasidEnable
            ? Refused(device, VtdFaultReason.PasidDisabled)
            : FindPasid(device, context, pasid);
    }

    private VtdDevice FindPasid(DeviceAddress device, in VtdScalableContextEntry context, int? requested)
    {
        const int pasidsPerTable = 64;
        int pasid = requested ?? context.RidPasid;
        int index = pasid / pasidsPerTable;
        if (index >= 1 << (context.PasidDirectorySize + 7))
        {
            return Refused(
                device, requested is null ? VtdFaultReason.RidPasidInvalid : VtdFaultReason.PasidBeyondDirectory);
        }

        Span<ulong> words = stackalloc ulong[VtdPasidEntry.WordCount];
        if (!TryRead(context.PasidDirectory, index, words[..1]))
        {
            return Refused(device, VtdFaultReason.PasidDirectoryUnreadable);
        }

        var entry = new VtdPasidDirectoryEntry(words[0]);
        if (!entry.Present)
        {
            return Refused(device, VtdFaultReason.PasidDirectoryNotPresent);
        }

        if (entry.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.PasidDirectoryReserved);
        }

        if (!TryRead(entry.PasidTable, pasid % pasidsPerTable, words))
        {
            return Refused(device, VtdFaultReason.PasidTableUnreadable);
        }

        VtdPasidEntry stages = VtdPasidEntry.Read(words);
        if (!stages.Present)
        {
            return Refused(device, VtdFaultReason.PasidNotPresent);
        }

        if (stages.HasReservedBits)
        {
            return Refused(device, VtdFaultReason.PasidReserved);
        }

        VtdTranslationKind kind = stages.TranslationType switch
        {
            VtdPasidTranslationType.FirstStage => VtdTranslationKind.FirstStage,
            VtdPasidTranslationType.SecondStage => VtdTranslationKind.SecondStage,
            VtdPasidTranslationType.Nested => VtdTranslationKind.Nested,
            VtdPasidTranslationType.PassThrough => VtdTranslationKind.PassThrough,
            _ => VtdTranslationKind.Blocked,
        };
        bool hasSecondStage = kind is VtdTranslationKind.SecondStage or VtdTranslationKind.Nested;
        return kind == VtdTranslationKind.Blocked
            ? Refused(device, VtdFaultReason.PasidInvalid)
            : new VtdDevice(
                device,
                kind,
                hasSecondStage ? stages.SecondStage : default,
                hasSecondStage ? stages.Levels : 0,
                stages.DomainId,
                pasid,
                VtdFaultReason.None)
            {
                AllowsDeviceTlb = context.DeviceTlbEnable,
                AllowsPageRequests = context.PageRequestEnable,
                MarksAccesses = stages.SecondStageAccessedDirtyEnable,
                HonoursExecute = stages.SecondStageExecuteEnable,
                HasMemoryTypes = stages.MemoryTypeEnable,
            };
    }

    private static VtdDevice Refused(DeviceAddress device, VtdFaultReason reason) =>
        new(device, VtdTranslationKind.Blocked, default, 0, 0, null, reason);

    private bool TryRead(HostPhysicalAddress table, int index, Span<ulong> words) =>
        WideEntry.TryRead(in _memory, table, index, words);
}
