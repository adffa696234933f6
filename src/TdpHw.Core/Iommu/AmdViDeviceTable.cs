using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>
/// The table that tells an AMD-Vi unit how to translate requests of each device, in one segment. (AMD IOMMU specification 48882, 2.2.)
/// </summary>
/// <typeparam name="TMemory">Where the table is.</typeparam>
public readonly struct AmdViDeviceTable<TMemory>
    where TMemory : struct, IPhysicalMemory
{
    /// <summary>The deepest host tables that the format has.</summary>
    private const int DeepestLevels = 6;

    private const int PageSize = 4096;
    private const int DeviceCount = 1 << 16;
    private const int EntrySize = AmdViDeviceTableEntry.WordCount * sizeof(ulong);

    private readonly TMemory _memory;
    private readonly int _maxLevels;

    /// <summary>The table that a register leads to.</summary>
    /// <param name="memory">Where the table is.</param>
    /// <param name="register">What the device table base address register reads.</param>
    /// <param name="maxLevels">The deepest host tables that the unit walks (HATS of the extended feature register).</param>
    public AmdViDeviceTable(in TMemory memory, AmdViDeviceTableBase register, int maxLevels = DeepestLevels)
    {
        _memory = memory;
        _maxLevels = Math.Min(maxLevels, DeepestLevels);
        Register = register;
    }

    /// <summary>The register that leads to the table.</summary>
    public AmdViDeviceTableBase Register { get; }

    /// <summary>How many devices the table has entries for, the one with address 0 first.</summary>
    public int Count => Math.Min(Register.Pages * PageSize / EntrySize, DeviceCount);

    /// <summary>Every device that the table has an entry for, in the order of their addresses.</summary>
    public IEnumerable<AmdViDevice> Devices()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return Find(new DeviceAddress((byte)(i >> 8), (byte)i));
        }
    }

    /// <summary>What the table says of <paramref name="device"/>.</summary>
    public AmdViDevice Find(DeviceAddress device)
    {
        if (!TryReadEntry(device, out AmdViDeviceTableEntry entry, out AmdViFault fault))
        {
            return Refused(device, fault);
        }

        if (!entry.Valid)
        {
            // Nothing else in the entry counts.
            return new(device, AmdViTranslationKind.PassThrough, default, 0, 0, Rights.Read | Rights.Write, AmdViFault.None)
            {
                HasEntry = false,
            };
        }

        // The upper half tells of interrupts and of virtual IOMMUs; what is reserved there is judged with an interrupt.
        if ((entry with { Word2 = 0, Word3 = 0 }).HasReservedBits)
        {
            return Refused(device, AmdViFault.EntryReserved);
        }

        if (!entry.TranslationValid)
        {
            return Refused(device, AmdViFault.NoTranslation);
        }

        int levels = entry.PagingMode;
        if (levels > _maxLevels)
        {
            return Refused(device, AmdViFault.LevelsInvalid);
        }

        Rights rights = (entry.IoRead ? Rights.Read : Rights.None) | (entry.IoWrite ? Rights.Write : Rights.None);
        AmdViTranslationKind kind = KindOf(entry, rights);
        bool hasHostTables = levels != 0 && !entry.HostTableMode;
        return new(
            device, kind, hasHostTables ? entry.HostTable : default, hasHostTables ? levels : 0, entry.DomainId, rights, AmdViFault.None);
    }

    /// <summary>Reads the entry of a device as it stands.</summary>
    /// <param name="device">The device.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="fault">Why there is none: the table is too short, or not in memory.</param>
    /// <returns>Whether the entry could be read.</returns>
    public bool TryReadEntry(DeviceAddress device, out AmdViDeviceTableEntry entry, out AmdViFault fault)
    {
        entry = default;
        int index = device.Bus << 8 | device.Function;
        if (index >= Count)
        {
            fault = AmdViFault.BeyondTable;
            return false;
        }

        Span<ulong> words = stackalloc ulong[AmdViDeviceTableEntry.WordCount];
        if (!WideEntry.TryRead(in _memory, Register.DeviceTable, index, words))
        {
            fault = AmdViFault.EntryUnreadable;
            return false;
        }

        entry = AmdViDeviceTableEntry.Read(words);
        fault = AmdViFault.None;
        return true;
    }

    private static AmdViTranslationKind KindOf(AmdViDeviceTableEntry entry, Rights rights)
    {
        // Without GIoV guest tables are for requests with a PASID only.
        bool isGuest = entry.GuestTranslationValid && entry.GuestIoValid;
        return entry.PagingMode == 0
            ? isGuest ? AmdViTranslationKind.Guest : rights == Rights.None ? AmdViTranslationKind.Blocked : AmdViTranslationKind.PassThrough
            : isGuest ? AmdViTranslationKind.Nested : entry.HostTableMode ? AmdViTranslationKind.OtherHost : AmdViTranslationKind.Host;
    }

    private static AmdViDevice Refused(DeviceAddress device, AmdViFault fault) =>
        new(device, AmdViTranslationKind.Blocked, default, 0, 0, Rights.None, fault);
}
