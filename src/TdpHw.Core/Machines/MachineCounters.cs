namespace TdpHw.Core.Machines;

/// <summary>What happened on a machine so far. Any thread counts; a reader sees numbers of one moment each, not all of one moment.</summary>
public sealed class MachineCounters
{
    private static readonly int Places = Enum.GetValues<StalePlace>().Length;
    private readonly long[] _staleHits = new long[Places];
    private long _cpuFaults;
    private long _mmioExits;
    private long _ioFaults;
    private long _pageRequests;
    private long _flushes;
    private long _invalidations;
    private long _iotlbHits;
    private long _deviceTlbHits;
    private long _freedTableReads;
    private long _lostRaces;
    private long _usesAfterFree;
    private long _zappedLeaves;

    /// <summary>EPT violations that KVM handled; exits to emulate MMIO are not among them.</summary>
    public long CpuFaults => Volatile.Read(ref _cpuFaults);

    /// <summary>Exits to emulate MMIO.</summary>
    public long MmioExits => Volatile.Read(ref _mmioExits);

    /// <summary>Page requests that were given to the owner of the device's table.</summary>
    public long IoFaults => Volatile.Read(ref _ioFaults);

    /// <summary>Page requests that units received.</summary>
    public long PageRequests => Volatile.Read(ref _pageRequests);

    /// <summary>Flushes of remote TLBs that KVM or the owner of a table ordered.</summary>
    public long Flushes => Volatile.Read(ref _flushes);

    /// <summary>Descriptors that units were given to invalidate their caches and those of their devices.</summary>
    public long Invalidations => Volatile.Read(ref _invalidations);

    /// <summary>Translations that units answered from their IOTLBs.</summary>
    public long IotlbHits => Volatile.Read(ref _iotlbHits);

    /// <summary>Accesses that devices made with translations of their own TLBs.</summary>
    public long DeviceTlbHits => Volatile.Read(ref _deviceTlbHits);

    /// <summary>Entries that a walk read in a table page that was freed.</summary>
    public long FreedTableReads => Volatile.Read(ref _freedTableReads);

    /// <summary>Compare-exchanges that failed because another thread came first.</summary>
    public long LostRaces => Volatile.Read(ref _lostRaces);

    /// <summary>Times that an importer was called for what it had freed.</summary>
    public long UsesAfterFree => Volatile.Read(ref _usesAfterFree);

    /// <summary>Leaves that were zapped because their memory went away, in all tables that served it.</summary>
    public long ZappedLeaves => Volatile.Read(ref _zappedLeaves);

    /// <summary>Stale hits at all places.</summary>
    public long StaleHits => Enum.GetValues<StalePlace>().Sum(StaleHitsAt);

    /// <summary>Accesses that used a translation, cached at <paramref name="place"/>, that the tables no longer held.</summary>
    public long StaleHitsAt(StalePlace place) => Volatile.Read(ref _staleHits[(int)place]);

    internal void AddCpuFault() => Interlocked.Increment(ref _cpuFaults);

    internal void AddMmioExit() => Interlocked.Increment(ref _mmioExits);

    internal void AddIoFault() => Interlocked.Increment(ref _ioFaults);

    internal void AddPageRequest() => Interlocked.Increment(ref _pageRequests);

    internal void AddFlush() => Interlocked.Increment(ref _flushes);

    internal void AddInvalidation() => Interlocked.Increment(ref _invalidations);

    internal void AddIotlbHit() => Interlocked.Increment(ref _iotlbHits);

    internal void AddDeviceTlbHit() => Interlocked.Increment(ref _deviceTlbHits);

    internal void AddFreedTableRead() => Interlocked.Increment(ref _freedTableReads);

    internal void AddLostRace() => Interlocked.Increment(ref _lostRaces);

    internal void AddUseAfterFree() => Interlocked.Increment(ref _usesAfterFree);

    internal void AddZappedLeaves(int count) => Interlocked.Add(ref _zappedLeaves, count);

    internal void AddStaleHit(StalePlace place) => Interlocked.Increment(ref _staleHits[(int)place]);
}
