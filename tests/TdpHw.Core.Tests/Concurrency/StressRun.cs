using System.Collections.Concurrent;
using System.Globalization;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Core.Tests.Iommu;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Concurrency;

/// <summary>Many threads on one VM, and what must hold while they run and in the end.</summary>
internal sealed class StressRun
{
    private const ulong PageSize = HostMemory.PageSize;
    private const int MostAccessesBetweenZaps = 5000;
    private const int LeastAccessesBetweenZaps = 500;
    private const int LeastAccessesBetweenRoles = 2000;
    private const int MostRepeats = 20;

    // Few enough pages that the threads meet, in all kinds of memory: small pages, huge ones, logged ones.
    private static readonly MemorySlotSettings[] Slots =
    [
        new(new(1ul << 30), 8 * PageSize),
        new(new(2ul << 30), 4ul << 20, BackingLevel: 2),
        new(new(3ul << 30), 8 * PageSize, LogsDirty: true),
    ];

    private readonly SharingMode _mode;
    private readonly long _operations;
    private readonly int _seed;
    private readonly Machine _machine;
    private readonly Vm _vm;
    private readonly MemorySlot[] _slots;
    private readonly TdpFd _fd;
    private readonly KvmHwpt _hwpt;
    private readonly DmaDevice[] _devices;
    private readonly int _tablesOfUnits;

    // When the host got a frame back: whoever begins an access later must not reach it. A frame is given to nobody else here.
    private readonly ConcurrentDictionary<ulong, long> _returned = new();
    private long _clock;
    private long _done;
    private long _duringZaps;
    private long _accesses;
    private long _accessesSinceZap;
    private int _zaps;
    private ulong _lastZapped;
    private int _zapCount;
    private volatile bool _hasFailed;

    public StressRun(SharingMode mode, long operations, int seed)
    {
        (_mode, _operations, _seed) = (mode, operations, seed);
        _machine = new Machine(mode);
        var capabilities = new EptCapabilities { MaxPhyAddr = ImportingHost.Width };
        var vendor = new VmxVendor(capabilities, VmxVendor.VariantFor(mode, hasMmuPresentHigh: true));
        _vm = new Vm(_machine, vendor, new VmSettings(), vm => new MeetingMmu(vm));
        _vm.AddVCpu(ImportingHost.Width);
        _vm.AddVCpu(ImportingHost.Width);
        _slots = [.. Slots.Select(Add)];
        Assert.Equal(Errno.None, _vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        _fd = fd!;
        int before = _machine.Memory.TableCount;
        _devices = [NewDevice("first"), NewDevice("second")];
        Assert.Equal(Errno.None, KvmHwpt.Allocate(_fd, _devices[0], _vm.Mm, isNestParent: false, out KvmHwpt? hwpt));
        _hwpt = hwpt!;
        Assert.All(_devices, d => Assert.Equal(Errno.None, _hwpt.Attach(d)));
        _tablesOfUnits = _machine.Memory.TableCount - before;
    }

    /// <summary>How many operations were done.</summary>
    public long Done => Interlocked.Read(ref _done);

    /// <summary>How many compare-exchanges failed because another thread came first.</summary>
    public long LostRaces => _machine.Counters.LostRaces;

    /// <summary>How many accesses were under way while the host took memory away.</summary>
    public long AccessesDuringZaps => Interlocked.Read(ref _duringZaps);

    public void Run()
    {
        Action<Random>[] roles =
        [
            Accessing((address, random) => Touch(_vm.VCpus[0], address, random)),
            Accessing((address, random) => Touch(_vm.VCpus[1], address, random)),
            Accessing((address, random) => Touch(_devices[0], address, random)),
            Accessing((address, random) => Touch(_devices[1], address, random)),
            Paced(LeastAccessesBetweenZaps, Zap),
            Paced(LeastAccessesBetweenRoles, random => _vm.Age(Page(random, out _), PageSize << random.Next(4))),
            Paced(LeastAccessesBetweenRoles, _ => _vm.TakeDirtyLog(Slots[2].Start, Slots[2].Size)),
            Paced(LeastAccessesBetweenRoles, Reshape),
        ];
        Exception?[] failures = new Exception?[roles.Length];
        Thread[] threads = [.. roles.Select((role, i) => new Thread(() => failures[i] = Record.Exception(() => Repeat(role, i))))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        if (failures.FirstOrDefault(f => f is not null) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Judges what is left when all is at rest, and that nothing is left when the VM is gone.</summary>
    public void AssertEnd()
    {
        if (_mode == SharingMode.Strict)
        {
            Assert.Equal(0, _machine.Counters.StaleHits);
            Assert.Equal(0, _machine.Counters.FreedTableReads);
        }

        foreach (TdpRoot root in _vm.Roots)
        {
            AssertTable(root.Address, root.Level);
        }

        foreach (MemorySlot slot in _slots)
        {
            for (ulong offset = 0; offset < slot.FrameCount; offset++)
            {
                AssertMapped(slot, offset);
            }
        }

        // One for the MMU, one for the export, one for each vCPU: nothing else holds the only root.
        TdpRoot only = Assert.Single(_vm.Roots);
        Assert.Equal(2 + _vm.VCpus.Length, only.References);
        Assert.All(_devices, d => Assert.Equal(Errno.None, _hwpt.Detach(d)));
        Assert.Equal(Errno.None, _hwpt.Destroy());
        _fd.Put();
        Assert.Equal(1 + _vm.VCpus.Length, only.References);
        Assert.False(only.IsExported);
        _vm.Put();
        Assert.Empty(_vm.Roots);

        // The series as posted never frees the caches of the export.
        int left = _machine.Memory.TableCount - _tablesOfUnits;
        Assert.InRange(left, 0, _mode == SharingMode.Strict ? 0 : MmuMemoryCache.Capacity);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{_mode}, seed {_seed}: {Done} operations, {LostRaces} lost compare-exchanges, {AccessesDuringZaps} accesses during zaps, "
        + $"{_machine.Counters.Flushes} flushes, {_machine.Counters.PageRequests} page requests, "
        + $"{_machine.Counters.StaleHits} stale hits");

    private MemorySlot Add(MemorySlotSettings settings)
    {
        Assert.Equal(Errno.None, _vm.AddSlot(settings, out MemorySlot? slot));
        return slot!;
    }

    private DmaDevice NewDevice(string unitName)
    {
        Assert.Equal(Errno.None, VtdUnit.Create(_machine, unitName, ImportingHost.UnitSettings, out VtdUnit? unit));
        Assert.Equal(Errno.None, unit!.AddDevice(new DeviceAddress(0, 8), new DmaDeviceSettings(), out DmaDevice? device));
        return device!;
    }

    private void Repeat(Action<Random> role, int thread)
    {
        var random = new Random(unchecked((_seed * 31) + thread));
        try
        {
            while (!_hasFailed && GoesOn(Interlocked.Increment(ref _done)))
            {
                role(random);
            }
        }
        catch
        {
            _hasFailed = true;
            throw;
        }
    }

    /// <summary>Goes on for as many operations as asked for, and beyond while the threads have not met: that is what it is for.</summary>
    private bool GoesOn(long done) =>
        done <= _operations || ((LostRaces == 0 || AccessesDuringZaps == 0) && done <= MostRepeats * _operations);

    /// <summary>Lets the host catch up: where all is mapped there is nothing to meet on.</summary>
    private void Pace()
    {
        Interlocked.Increment(ref _accesses);
        while (Interlocked.Increment(ref _accessesSinceZap) > MostAccessesBetweenZaps && !_hasFailed && GoesOn(Done))
        {
            Thread.Yield();
        }
    }

    /// <summary>Has a role wait for accesses in between, so that it does not keep the lock from all others.</summary>
    private Action<Random> Paced(int leastAccesses, Action<Random> role)
    {
        long next = 0;
        return random =>
        {
            while (Interlocked.Read(ref _accesses) < next && !_hasFailed && GoesOn(Done))
            {
                Thread.Sleep(0);
            }

            role(random);
            next = Interlocked.Read(ref _accesses) + leastAccesses;
        };
    }

    /// <summary>
    /// Has an accessing thread go to any page, but after a zap first to the one that was taken away: there all of them meet.
    /// </summary>
    private Action<Random> Accessing(Action<InputAddress, Random> touch)
    {
        int seen = 0;
        return random =>
        {
            InputAddress address = Page(random, out _);
            if (seen != Volatile.Read(ref _zapCount))
            {
                seen = Volatile.Read(ref _zapCount);
                address = new(Volatile.Read(ref _lastZapped));
            }

            touch(address, random);
        };
    }

    private InputAddress Page(Random random, out (MemorySlot Slot, ulong Offset) page)
    {
        MemorySlot slot = _slots[random.Next(_slots.Length)];
        ulong offset = (ulong)random.NextInt64((long)slot.FrameCount);
        page = (slot, offset);
        return new((slot.FirstGfn + offset) * PageSize);
    }

    private void Touch(VCpu vcpu, InputAddress address, Random random)
    {
        Access access = random.Next(2) == 0 ? Access.Read : Access.Write;
        Pace();
        (long begin, bool metZap) = Begin();
        CpuAccess done = vcpu.Access(address, access);
        Assert.True(done.Error == Errno.None && !done.IsMmio, $"{vcpu} got {done} at {address}");
        End(begin, metZap, done.Output, $"{vcpu} at {address}");
    }

    private void Touch(DmaDevice device, InputAddress address, Random random)
    {
        Pace();
        (long begin, bool metZap) = Begin();
        DmaAnswer done = device.Dma(address, random.Next(2) == 0);
        if (done.Outcome == DmaOutcome.Done)
        {
            End(begin, metZap, done.Output, $"{device} at {address}");
            return;
        }

        // A page may go again each time before the device gets to it; as posted, a page that is there already is refused too.
        Assert.True(done.Outcome == DmaOutcome.Failure, $"{device} got {done} at {address}");
    }

    private (long Begin, bool MetZap) Begin() => (Interlocked.Read(ref _clock), Volatile.Read(ref _zaps) != 0);

    private void End(long begin, bool metZap, HostPhysicalAddress output, string who)
    {
        if (metZap || Volatile.Read(ref _zaps) != 0)
        {
            Interlocked.Increment(ref _duringZaps);
        }

        // A flush that a freed table needs is the series' hazard 3: as posted such a walk may lead anywhere.
        if (_mode == SharingMode.Strict && _returned.TryGetValue(output.Value / PageSize, out long returned))
        {
            Assert.True(returned > begin, $"{who} reached {output}, which the host had got back before");
        }
    }

    private void Zap(Random random)
    {
        InputAddress address = Page(random, out (MemorySlot Slot, ulong Offset) page);
        MemorySlot slot = page.Slot;
        bool isWhole = random.Next(2) == 0;
        (ulong first, ulong last) = isWhole ? (0, slot.FrameCount - 1) : slot.Host.Round(page.Offset, page.Offset);
        List<ulong> frames = [];
        for (ulong offset = first; offset <= last; offset++)
        {
            slot.Host.FaultIn(offset, out HostPhysicalAddress frame);
            frames.Add(frame.Value / PageSize);
        }

        Interlocked.Increment(ref _zaps);
        _vm.UnmapHost(new((slot.FirstGfn + first) * PageSize), (last - first + 1) * PageSize);
        long now = Interlocked.Increment(ref _clock);
        frames.ForEach(frame => _returned.TryAdd(frame, now));
        Interlocked.Decrement(ref _zaps);
        Interlocked.Exchange(ref _accessesSinceZap, 0);
        Volatile.Write(ref _lastZapped, address.Value);
        Interlocked.Increment(ref _zapCount);
    }

    private void Reshape(Random random)
    {
        MemorySlot huge = _slots[1];
        InputAddress start = new(huge.FirstGfn * PageSize);
        ulong size = huge.FrameCount * PageSize;
        switch (random.Next(3))
        {
            case 0:
                Assert.Equal(Errno.None, _vm.Split(start, size, out _));
                break;

            case 1:
                _vm.Collapse(start, size);
                break;

            default:
                _vm.WriteProtect(Page(random, out _), PageSize);
                break;
        }
    }

    /// <summary>Each entry is one that KVM composes: nothing torn, nothing that leads to a page that is no table.</summary>
    private void AssertTable(HostPhysicalAddress table, int level)
    {
        SpteLayout layout = _vm.Vendor.Layout;
        FormatRules<Ept> rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = ImportingHost.Width });
        Assert.True(_machine.Memory.IsTable(table), $"{table} is linked and no table");
        for (int index = 0; index < HostMemory.EntriesPerPage; index++)
        {
            Assert.True(_machine.Memory.TryRead(new(table.Value + ((ulong)index * sizeof(ulong))), out ulong spte));
            if (spte == layout.Empty)
            {
                continue;
            }

            EntryKind kind = rules[level].KindOf(spte);
            Assert.True(layout.IsPresent(spte) && kind is EntryKind.Leaf or EntryKind.Table, $"0x{spte:x} at level {level} is {kind}");
            if (kind == EntryKind.Table)
            {
                AssertTable(layout.AddressOf(spte), level - 1);
            }
        }
    }

    private void AssertMapped(MemorySlot slot, ulong offset)
    {
        InputAddress address = new((slot.FirstGfn + offset) * PageSize);
        foreach (VCpu vcpu in _vm.VCpus)
        {
            CpuAccess done = vcpu.Access(address, Access.Write);
            Assert.True(slot.Host.IsAt(offset, done.Output), $"{vcpu} reaches {done.Output} at {address}");
        }

        foreach (DmaDevice device in _devices)
        {
            DmaAnswer done = device.Dma(address, isWrite: true);
            Assert.True(
                done.Outcome == DmaOutcome.Done ? slot.Host.IsAt(offset, done.Output) : _mode == SharingMode.AsPosted,
                $"{device} gets {done} at {address}");
        }
    }
}
