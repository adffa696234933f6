using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>Has the model's MMU do what made the kernel change its tables, and compares each change.</summary>
internal sealed class CauseReplay
{
    private readonly KvmCapture _capture;
    private readonly ReplayedMmu _replay;
    private readonly HostPages _host;
    private readonly Dictionary<CapturedSlot, MemorySlot> _slots = [];
    private int _next;

    public CauseReplay(KvmCapture capture)
    {
        _capture = capture;
        _replay = new ReplayedMmu(capture);
        _host = HostPages.AtStart(capture);
        foreach (CapturedSlot slot in capture.Slots)
        {
            var settings = new MemorySlotSettings(
                new InputAddress(slot.Start), slot.Size, slot.HostLevel, slot.IsReadOnly, slot.LogsDirtyFromStart);
            Assert.Equal(Errno.None, _replay.Vm.AddSlot(settings, out MemorySlot? made));
            _slots.Add(slot, made!);
        }
    }

    /// <summary>Changes of the trace that were compared, before and after.</summary>
    public int Compared { get; private set; }

    /// <summary>Faults that changed an entry.</summary>
    public int Faults { get; private set; }

    /// <summary>Faults whose leaf was composed apart, since a device is behind it.</summary>
    public int Devices { get; private set; }

    /// <summary>Leaves whose use was seen.</summary>
    public int Aged { get; private set; }

    /// <summary>Leaves that the host's unmapping took.</summary>
    public int Unmapped { get; private set; }

    /// <summary>Huge pages that were split.</summary>
    public int Split { get; private set; }

    /// <summary>Leaves whose dirty flag, or right to write, the dirty log took.</summary>
    public int Cleaned { get; private set; }

    /// <summary>Replays the whole trace.</summary>
    public void Run()
    {
        IReadOnlyList<TraceEvent> trace = _capture.Trace;
        while (_next < trace.Count)
        {
            TraceEvent cause = trace[_next++];
            _host.Apply(cause);
            switch (cause.Kind)
            {
                case TraceEventKind.PageFault:
                    Fault(cause);
                    break;

                case TraceEventKind.HostAged:
                    Aged += Change(cause, _replay.Mmu.Age);
                    break;

                case TraceEventKind.HostUnmapped:
                    Unmapped += Change(cause, _replay.Mmu.ZapLeaves);
                    break;

                case TraceEventKind.EntryChanged when trace[_next].Kind == TraceEventKind.HugePageSplit:
                    SplitHugePage(cause);
                    break;

                case TraceEventKind.EntryChanged:
                    Clean(cause);
                    break;
            }
        }
    }

    /// <summary>Compares all tables with those of the image.</summary>
    public int AssertIs(KvmCapture capture) => _replay.AssertIs(capture);

    private void Fault(in TraceEvent cause)
    {
        List<TraceEvent> effects = TakeEffectsOfFault(out TraceEvent end);
        if (effects.Count == 0 && !end.IsFixed)
        {
            // The kernel changed nothing: a write to a read-only slot, or a page that the host took away in between.
            return;
        }

        Faults++;
        var fault = new PageFault
        {
            Gfn = cause.Address >> 12,
            IsWrite = cause.IsWrite,
            IsFetch = cause.IsFetch,
            IsPresent = cause.IsPresent,
        };
        fault.Reset();
        fault.Slots = _replay.Vm.Slots;
        if (end.IsFixed)
        {
            ulong old = _replay.Mmu.FindLast(_replay.Root, fault.Gfn).Spte;
            Assert.Equal(end.Old, old);
            Assert.Equal(FaultResult.Fixed, _replay.Mmu.MendWithoutLock(_replay.Root, fault));
            Assert.Equal(end.New, _replay.Mmu.FindLast(_replay.Root, fault.Gfn).Spte);
            return;
        }

        Assert.Equal(FaultResult.Invalid, _replay.Mmu.MendWithoutLock(_replay.Root, fault));
        AssertOld(effects);
        if (end.Kind == TraceEventKind.PageMapped)
        {
            ProvidePage(ref fault, cause, end);
        }

        // The last that is provided is the first that is taken.
        foreach (TraceEvent table in effects.Where(e => _replay.Layout.IsTable(e.New, e.Level)).Reverse())
        {
            _replay.ProvideTable(_replay.Layout.AddressOf(table.New).Value);
        }

        FaultResult result = Map(ref fault);
        Assert.Equal(end.Kind == TraceEventKind.MmioMarked ? FaultResult.Emulate : FaultResult.Fixed, result);
        Assert.Equal(0, _replay.Cache.PageCount);
        if (fault.Slot is not null && _capture.SlotOf(cause.Address).IsDevice)
        {
            MapDevice(fault);
        }

        AssertNew(effects);
        _host.Apply(end);
    }

    /// <summary>The model's slots have memory behind them: what the kernel made of a device's page is composed here.</summary>
    private void MapDevice(in PageFault fault)
    {
        (TdpPage page, int index, ulong _) = _replay.Mmu.FindLast(_replay.Root, fault.Gfn);
        _replay.Mmu.SetAlone(page, index, _replay.Layout.ComposeLeaf(new SpteLeaf(
            page.Level,
            fault.Frame,
            Rights.Read | Rights.Write | Rights.Execute,
            fault.IsHostWritable,
            IsDeviceMemory: true,
            page.Role.IsAdDisabled)));
        Devices++;
    }

    /// <summary>The changes that a fault made, with the event that ends it; none where it made none.</summary>
    private List<TraceEvent> TakeEffectsOfFault(out TraceEvent end)
    {
        var effects = new List<TraceEvent>();
        for (int i = _next; i < _capture.Trace.Count; i++)
        {
            TraceEvent e = _capture.Trace[i];
            switch (e.Kind)
            {
                case TraceEventKind.EntryChanged:
                    effects.Add(e);
                    continue;

                case TraceEventKind.FastPageFault when !e.IsFixed:
                    continue;

                case TraceEventKind.PageMapped or TraceEventKind.MmioMarked or TraceEventKind.FastPageFault:
                    _next = i + 1;
                    end = e;
                    return effects;
            }

            break;
        }

        end = default;
        return [];
    }

    /// <summary>What the host has behind the page.</summary>
    private void ProvidePage(ref PageFault fault, in TraceEvent cause, in TraceEvent mapped)
    {
        ulong offset = cause.Address & (SpteLayout.PageSize(mapped.Level) - 1) & ~0xffful;
        fault.Frame = new HostPhysicalAddress(_replay.Layout.AddressOf(mapped.New).Value + offset);
        fault.IsHostWritable = _host.WouldBeWritable(cause, fault.Frame.Value);
        fault.Slot = _slots[_capture.SlotOf(cause.Address)];
        Assert.True(fault.Slot.Contains(fault.Gfn));
    }

    private FaultResult Map(ref PageFault fault)
    {
        using SharedGate.Held held = _replay.Mmu.Lock.EnterShared();
        return _replay.Mmu.Map(_replay.Root, ref fault, _replay.Cache);
    }

    /// <summary>Changes the guest frames behind a range of the host's addresses.</summary>
    private int Change(in TraceEvent cause, Func<ulong, ulong, int> change)
    {
        List<TraceEvent> effects = TakeChanges();
        AssertOld(effects);
        int count = 0;
        foreach ((CapturedSlot slot, ulong first, ulong last) in GuestRanges(cause.Start, cause.End))
        {
            Assert.True(_slots[slot].Contains(last));
            count += change(first, last);
        }

        AssertNew(effects);
        Assert.Equal(effects.Count, count);
        return count;
    }

    private IEnumerable<(CapturedSlot Slot, ulong First, ulong Last)> GuestRanges(ulong start, ulong end)
    {
        foreach (CapturedSlot slot in _capture.Slots)
        {
            ulong from = Math.Max(start, slot.HostStart);
            ulong to = Math.Min(end, slot.HostStart + slot.Size);
            if (from < to)
            {
                yield return (slot, slot.ToGuest(from) >> 12, (slot.ToGuest(to) >> 12) - 1);
            }
        }
    }

    /// <summary>The changes that follow without another cause.</summary>
    private List<TraceEvent> TakeChanges()
    {
        var effects = new List<TraceEvent>();
        while (_next < _capture.Trace.Count && _capture.Trace[_next].Kind == TraceEventKind.EntryChanged)
        {
            effects.Add(_capture.Trace[_next++]);
        }

        return effects;
    }

    private void SplitHugePage(in TraceEvent change)
    {
        AssertOld([change]);
        _replay.ProvideTable(_replay.Layout.AddressOf(change.New).Value);
        using (_replay.Mmu.Lock.EnterShared())
        {
            Assert.True(_replay.Mmu.SplitHugePages(
                change.Gfn, change.Gfn + HostMemory.EntriesPerPage - 1, _replay.Cache, out int count));
            Assert.Equal(1, count);
        }

        Assert.Equal(0, _replay.Cache.PageCount);
        AssertNew([change]);
        Split++;

        // From here on the slot's writes are logged.
        CapturedSlot slot = _capture.SlotOf(change.Gfn << 12);
        Assert.True(slot.LogsDirtyLater);
        _slots[slot] = new MemorySlot(
            _slots[slot].Id,
            new MemorySlotSettings(new InputAddress(slot.Start), slot.Size, slot.HostLevel, LogsDirty: true),
            _slots[slot].Host,
            interleaving: null);
    }

    private void Clean(in TraceEvent change)
    {
        Assert.True(_slots[_capture.SlotOf(change.Gfn << 12)].LogsDirty, $"line {change.Line}");
        AssertOld([change]);
        Assert.Equal(1, _replay.Mmu.ClearDirty(change.Gfn, change.Gfn));
        AssertNew([change]);
        Cleaned++;
    }

    private void AssertOld(List<TraceEvent> changes)
    {
        foreach (TraceEvent change in changes)
        {
            Assert.True(change.Old == _replay.Read(change.Gfn, change.Level), Difference(change, change.Old));
        }
    }

    private void AssertNew(List<TraceEvent> changes)
    {
        foreach (TraceEvent change in changes)
        {
            Assert.True(change.New == _replay.Read(change.Gfn, change.Level), Difference(change, change.New));
            Compared++;
        }
    }

    private string Difference(in TraceEvent change, ulong expected) =>
        $"line {change.Line}: 0x{expected:x} in the trace, 0x{_replay.Read(change.Gfn, change.Level):x} here";
}
