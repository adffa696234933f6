using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>
/// What the host's own page tables said of the pages behind the slots, as the trace tells it: KVM gets a page writable on a write
/// fault, and on any other fault if the host has it writable already. (Linux virt/kvm/kvm_main.c, hva_to_pfn_slow.)
/// </summary>
/// <remarks>
/// No entry's own bits are asked. A page is writable to the host
/// <list type="bullet">
/// <item>never for a slot that is read-only;</item>
/// <item>when a fault wanted to write it, until the host took it away;</item>
/// <item>always when the memory is shared, which the host maps so from the first touch;</item>
/// <item>not when it came back to be read after the host had taken it away (from swap it comes back write-protected);</item>
/// <item>when the guest ran code in it that no fault had written: the program that made the guest had;</item>
/// <item>not when it was read from hugetlb memory that nobody had written: private memory comes write-protected then;</item>
/// <item>not when it was read and the host's zero page was there; else it was: somebody had written it.</item>
/// </list>
/// The zero pages are found out by what no other frame does: standing behind two host pages at a time.
/// </remarks>
internal sealed class HostPages
{
    private readonly KvmCapture _capture;
    private readonly HashSet<ulong> _zeroFrames = [];

    // What faults mapped last, by the first host-virtual address.
    private readonly Dictionary<ulong, MappedPage> _pages = [];
    private readonly HashSet<ulong> _taken = [];
    private TraceEvent _fault;

    private HostPages(KvmCapture capture) => _capture = capture;

    /// <summary>The 4-KiB frames that hold the host's zeros for whoever reads first.</summary>
    public int ZeroFrameCount => _zeroFrames.Count;

    /// <summary>The pages before the first event.</summary>
    public static HostPages AtStart(KvmCapture capture)
    {
        var pages = new HostPages(capture);
        pages.FindZeroFrames();
        return pages;
    }

    /// <summary>The pages after the last event.</summary>
    public static HostPages AtEnd(KvmCapture capture)
    {
        HostPages pages = AtStart(capture);
        foreach (TraceEvent e in capture.Trace)
        {
            pages.Apply(e);
        }

        return pages;
    }

    /// <summary>Follows the trace by an event.</summary>
    public void Apply(in TraceEvent e)
    {
        switch (e.Kind)
        {
            case TraceEventKind.PageFault:
                _fault = e;
                break;

            case TraceEventKind.PageMapped:
                ulong size = SizeOf(e.Level);
                Assert.Equal(_fault.Address & ~(size - 1), e.Gfn * HostMemory.PageSize);
                ulong start = _capture.SlotOf(_fault.Address).ToHost(_fault.Address) & ~(size - 1);
                _pages[start] = new MappedPage(FrameOf(e), size, WouldBeWritable(_fault, FrameOf(e)));
                break;

            case TraceEventKind.HostUnmapped:
                Take(e.Start, e.End);
                break;
        }
    }

    /// <summary>Whether the page that a fault mapped last at a guest-physical address is writable to the host.</summary>
    public bool IsWritable(ulong address) => Find(HostPageOf(address))!.Value.IsWritable;

    /// <summary>Where the 4-KiB page at a guest-physical address lies that a fault mapped last.</summary>
    public ulong FrameAt(ulong address)
    {
        ulong page = HostPageOf(address);
        MappedPage mapped = Find(page)!.Value;
        return mapped.Frame + (page & (mapped.Size - 1));
    }

    /// <summary>Whether KVM gets the page of a fault writable.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="frame">Where the page turns out to lie.</param>
    public bool WouldBeWritable(in TraceEvent fault, ulong frame)
    {
        CapturedSlot slot = _capture.SlotOf(fault.Address);
        ulong page = HostPageOf(fault.Address);
        if (slot.IsReadOnly)
        {
            return false;
        }

        if (fault.IsWrite || slot.IsShared || Find(page) is { IsWritable: true })
        {
            return true;
        }

        return !_taken.Contains(page) && (fault.IsFetch || (!slot.IsHugeTlb && !_zeroFrames.Contains(frame)));
    }

    private static ulong SizeOf(int level) => 1ul << (12 + (9 * (level - 1)));

    private static ulong FrameOf(in TraceEvent mapped) => mapped.New & 0x000f_ffff_ffff_f000;

    private ulong HostPageOf(ulong address) => _capture.SlotOf(address).ToHost(address) & ~0xffful;

    private MappedPage? Find(ulong hostPage)
    {
        for (int level = 1; level <= 3; level++)
        {
            if (_pages.TryGetValue(hostPage & ~(SizeOf(level) - 1), out MappedPage found) && found.Size == SizeOf(level))
            {
                return found;
            }
        }

        return null;
    }

    private void Take(ulong start, ulong end)
    {
        foreach (ulong page in _pages.Keys.Where(p => p >= start && p < end).ToArray())
        {
            _pages.Remove(page);
        }

        for (ulong page = start; page < end; page += HostMemory.PageSize)
        {
            _taken.Add(page);
        }
    }

    private void FindZeroFrames()
    {
        // Who stands before each frame now.
        var users = new Dictionary<ulong, ulong>();
        TraceEvent fault = default;
        foreach (TraceEvent e in _capture.Trace)
        {
            switch (e.Kind)
            {
                case TraceEventKind.PageFault:
                    fault = e;
                    break;

                case TraceEventKind.PageMapped when !_capture.SlotOf(fault.Address).IsHugeTlb:
                    ulong page = HostPageOf(fault.Address) & ~(SizeOf(e.Level) - 1);
                    for (ulong offset = 0; offset < SizeOf(e.Level); offset += HostMemory.PageSize)
                    {
                        ulong frame = FrameOf(e) + offset;
                        if (!users.TryAdd(frame, page + offset) && users[frame] != page + offset)
                        {
                            _zeroFrames.Add(frame);
                        }
                    }

                    break;

                case TraceEventKind.HostUnmapped:
                    foreach (ulong gone in users.Where(u => u.Value >= e.Start && u.Value < e.End).Select(u => u.Key).ToArray())
                    {
                        users.Remove(gone);
                    }

                    break;
            }
        }
    }

    private readonly record struct MappedPage(ulong Frame, ulong Size, bool IsWritable);
}
