using System.Numerics;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

public sealed partial class VtdUnit
{
    private const int PasidsPerTable = 64;
    private const int SmallestDirectoryLog = 7;
    private const int LowerFunctions = 128;

    private readonly ExclusiveGate _tablesLock;
    private readonly VtdDeviceTables<HostMemoryView> _tables;
    private readonly SortedSet<int> _domains = [];

    /// <summary>Reserves a domain number. Number 0 is never given: entries that were cleared hold it.</summary>
    /// <returns>ENOSPC when all are taken (CAP.ND).</returns>
    internal Errno TakeDomain(out int domain)
    {
        // 2^(4 + 2 ND) numbers, of which an entry has room for 16 bits.
        int count = 1 << Math.Min(4 + (2 * (int)Cap.DomainsLog), 16);
        using ExclusiveGate.Held held = _tablesLock.Enter();
        domain = 1;
        while (_domains.Contains(domain))
        {
            domain++;
        }

        if (domain >= count)
        {
            return Errno.ENOSPC;
        }

        _domains.Add(domain);
        return Errno.None;
    }

    /// <summary>Gives a domain number back; its translations must have been dropped.</summary>
    internal void ReturnDomain(int domain)
    {
        using ExclusiveGate.Held held = _tablesLock.Enter();
        _domains.Remove(domain);
    }

    /// <summary>Makes the tables that lead to a device's entry.</summary>
    /// <returns>ENOMEM; what was made stays for the next time.</returns>
    internal Errno MakeTables(DmaDevice device)
    {
        using ExclusiveGate.Held held = _tablesLock.Enter();
        if (!IsScalable)
        {
            return TryMakeContextTable(device.Address) ? Errno.None : Errno.ENOMEM;
        }

        int pasid = device.Settings.Pasid ?? 0;
        if (!TryMakeContextTable(device.Address)
            || (device.Directory is null && !TryMakeDirectory(device, pasid))
            || !TryMakePasidTable(device.Directory!, pasid))
        {
            return Errno.ENOMEM;
        }

        return Errno.None;
    }

    /// <summary>
    /// Has a device's requests translated by a second stage. The tables that lead there have been made, and the entry is not
    /// present. (Series, patch 19; Linux 6.7 drivers/iommu/intel/pasid.c.)
    /// </summary>
    internal void SetSecondStage(DmaDevice device, in SecondStagePointer stage)
    {
        using (_tablesLock.Enter())
        {
            if (IsScalable)
            {
                SetScalable(device, stage);
            }
            else
            {
                SetLegacy(device, stage);
            }
        }

        // Units that keep entries which are not present are emulated ones.
        if (Cap.CachingMode)
        {
            SubmitEntryChange(stage.Domain);
            Submit(InvalidationDescriptor.OfDomain(stage.Domain));
        }
    }

    /// <summary>Refuses all requests of a device from now on, and has unit and device forget what they keep of its domain.</summary>
    internal void ClearSecondStage(DmaDevice device, int domain)
    {
        _machine.BeginChange();
        using (_tablesLock.Enter())
        {
            if (IsScalable)
            {
                ClearEntry(AddressOfPasidEntry(device), VtdPasidEntry.WordCount);
            }
            else
            {
                ClearEntry(AddressOfContext(device.Address), VtdContextEntry.WordCount);
            }
        }

        SubmitEntryChange(domain);
        Submit(InvalidationDescriptor.OfDomain(domain));
        if (device.IsAtsEnabled)
        {
            Submit(InvalidationDescriptor.OfWholeDevice(device.Address));
        }

        _machine.EndChange();
    }

    /// <summary>Clears the device's context entry and frees its PASID tables.</summary>
    private void FreeTables(DmaDevice device)
    {
        if (device.Directory is not { } directory)
        {
            return;
        }

        device.Directory = null;
        using (_tablesLock.Enter())
        {
            ClearEntry(AddressOfContext(device.Address), VtdScalableContextEntry.WordCount);
        }

        Submit(InvalidationDescriptor.OfContexts(0));
        foreach (HostPhysicalAddress table in directory.Tables.Values)
        {
            _machine.FreeTable(table);
        }

        FreeBlock(directory.Start, directory.PageCount);
    }

    private void SubmitEntryChange(int domain) => Submit(
        IsScalable ? InvalidationDescriptor.OfPasids(domain) : InvalidationDescriptor.OfContexts(domain));

    private void SetLegacy(DmaDevice device, in SecondStagePointer stage)
    {
        Span<ulong> words = stackalloc ulong[VtdContextEntry.WordCount];
        default(VtdContextEntry)
            .WithPresent(true)
            .WithTranslationType(device.CanUseAts ? VtdTranslationType.DeviceTlb : VtdTranslationType.Untranslated)
            .WithSecondStage(stage.Root)
            .WithLevels(stage.Levels)
            .WithDomainId(stage.Domain)
            .Write(words);
        WriteEntry(AddressOfContext(device.Address), words);
    }

    private void SetScalable(DmaDevice device, in SecondStagePointer stage)
    {
        Span<ulong> words = stackalloc ulong[VtdPasidEntry.WordCount];
        default(VtdPasidEntry)
            .WithPresent(true)
            .WithTranslationType(VtdPasidTranslationType.SecondStage)
            .WithLevels(stage.Levels)
            .WithSecondStage(stage.Root)
            .WithDomainId(stage.Domain)
            .WithPageWalkSnoop(Ecap.ScalableWalkCoherency)
            .WithPageSnoop(stage.SnoopsPages)
            .WithSecondStageAccessedDirtyEnable(stage.MarksAccesses)
            .Write(words);
        WriteEntry(AddressOfPasidEntry(device), words);

        // The entry's PASID table first, so that the context entry leads to something from its first moment on.
        HostPhysicalAddress context = AddressOfContext(device.Address);
        if (_machine.Memory.TryRead(context, out ulong present) && present != 0)
        {
            return;
        }

        words = words[..VtdScalableContextEntry.WordCount];
        DmaDevice.PasidDirectory directory = device.Directory!;
        default(VtdScalableContextEntry)
            .WithPresent(true)
            .WithDeviceTlbEnable(device.CanUseAts)
            .WithPageRequestEnable(device.CanUsePageRequests)
            .WithPasidEnable(Ecap.Pasid)
            .WithPasidDirectory(directory.Start)
            .WithPasidDirectorySize(directory.SizeLog - SmallestDirectoryLog)
            .Write(words);
        WriteEntry(context, words);
    }

    private bool TryFindContextTable(DeviceAddress device, out HostPhysicalAddress table)
    {
        // Each half of a scalable root entry is a word like that of the other half.
        _machine.Memory.TryRead(AddressOfRoot(device), out ulong word);
        var scalable = new VtdScalableRootEntry(word, 0);
        var legacy = new VtdRootEntry(word, 0);
        table = IsScalable ? scalable.LowerContextTable : legacy.ContextTable;
        return IsScalable ? scalable.LowerPresent : legacy.Present;
    }

    private bool TryMakeContextTable(DeviceAddress device)
    {
        if (TryFindContextTable(device, out _))
        {
            return true;
        }

        if (!_machine.TryAllocateTable(out HostPhysicalAddress table))
        {
            return false;
        }

        _machine.Memory.Write(AddressOfRoot(device), IsScalable
            ? default(VtdScalableRootEntry).WithLowerPresent(true).WithLowerContextTable(table).Word0
            : default(VtdRootEntry).WithPresent(true).WithContextTable(table).Word0);
        return true;
    }

    private bool TryMakeDirectory(DmaDevice device, int pasid)
    {
        int sizeLog = Math.Max(SmallestDirectoryLog, BitOperations.Log2((uint)(pasid / PasidsPerTable)) + 1);
        int pages = Math.Max(1, (1 << sizeLog) / HostMemory.EntriesPerPage);
        if (!TryAllocateBlock(pages, out HostPhysicalAddress start))
        {
            return false;
        }

        device.Directory = new DmaDevice.PasidDirectory(start, sizeLog, pages);
        return true;
    }

    private bool TryMakePasidTable(DmaDevice.PasidDirectory directory, int pasid)
    {
        int index = pasid / PasidsPerTable;
        if (directory.Tables.ContainsKey(index))
        {
            return true;
        }

        if (!_machine.TryAllocateTable(out HostPhysicalAddress table))
        {
            return false;
        }

        directory.Tables.Add(index, table);
        _machine.Memory.Write(
            new(directory.Start.Value + ((ulong)index * sizeof(ulong))),
            default(VtdPasidDirectoryEntry).WithPresent(true).WithPasidTable(table).Raw);
        return true;
    }

    /// <summary>Allocates pages in a row: a directory of more than one page is one array to the unit.</summary>
    private bool TryAllocateBlock(int pages, out HostPhysicalAddress start)
    {
        if (pages == 1)
        {
            return _machine.TryAllocateTable(out start);
        }

        start = default;
        if (!_machine.Allocations.TryAllocate()
            || !_machine.Frames.TryTakeBlock((ulong)pages * HostMemory.PageSize, Settings.HostAddressWidth, out start))
        {
            return false;
        }

        for (int page = 0; page < pages; page++)
        {
            _machine.Memory.AddTable(new(start.Value + ((ulong)page * HostMemory.PageSize)));
        }

        return true;
    }

    private void FreeBlock(HostPhysicalAddress start, int pages)
    {
        if (pages == 1)
        {
            _machine.FreeTable(start);
            return;
        }

        for (int page = 0; page < pages; page++)
        {
            _machine.Memory.RemoveTable(new(start.Value + ((ulong)page * HostMemory.PageSize)));
        }

        _machine.Frames.ReturnBlock(start, (ulong)pages * HostMemory.PageSize);
    }

    private HostPhysicalAddress AddressOfRoot(DeviceAddress device)
    {
        int word = (device.Bus * VtdRootEntry.WordCount) + (IsScalable && device.Function >= LowerFunctions ? 1 : 0);
        return new(Rtaddr.RootTable.Value + ((ulong)word * sizeof(ulong)));
    }

    private HostPhysicalAddress AddressOfContext(DeviceAddress device)
    {
        TryFindContextTable(device, out HostPhysicalAddress table);
        int word = IsScalable
            ? device.Function % LowerFunctions * VtdScalableContextEntry.WordCount
            : device.Function * VtdContextEntry.WordCount;
        return new(table.Value + ((ulong)word * sizeof(ulong)));
    }

    private static HostPhysicalAddress AddressOfPasidEntry(DmaDevice device)
    {
        int pasid = device.Settings.Pasid ?? 0;
        HostPhysicalAddress table = device.Directory!.Tables[pasid / PasidsPerTable];
        return new(table.Value + ((ulong)(pasid % PasidsPerTable * VtdPasidEntry.WordCount) * sizeof(ulong)));
    }

    /// <summary>Makes an entry present by its last store: the word with the present bit is the first one.</summary>
    private void WriteEntry(HostPhysicalAddress address, ReadOnlySpan<ulong> words)
    {
        for (int i = words.Length - 1; i >= 0; i--)
        {
            _machine.Memory.Write(new(address.Value + ((ulong)i * sizeof(ulong))), words[i]);
        }
    }

    /// <summary>Takes an entry away by its first store.</summary>
    private void ClearEntry(HostPhysicalAddress address, int words)
    {
        for (int i = 0; i < words; i++)
        {
            _machine.Memory.Write(new(address.Value + ((ulong)i * sizeof(ulong))), 0);
        }
    }
}
