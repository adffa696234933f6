using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>The model's MMU with its tables where a capture has them.</summary>
internal sealed class ReplayedMmu
{
    public ReplayedMmu(KvmCapture capture)
    {
        TraceEvent root = capture.Trace.Single(e => e.Kind == TraceEventKind.RootLoaded);
        Machine = new Machine(SharingMode.AsPosted);
        Vm = new Vm(Machine, capture.CreateVendor(), new VmSettings { MaxLevels = capture.Levels });
        Cache = new MmuMemoryCache(Machine);
        ProvideTable(root.Address);
        Root = Vm.Mmu.GetRoot(
            TdpRole.Root(root.Level, isSmm: false, isGuestMode: false, isAdDisabled: !capture.HasAccessedDirty), Cache);
        FlagMask = Layout.AccessedMask | Layout.DirtyMask;
    }

    public Machine Machine { get; }

    public Vm Vm { get; }

    public TdpRoot Root { get; }

    /// <summary>What the MMU makes tables of: nothing but what was provided.</summary>
    public MmuMemoryCache Cache { get; }

    /// <summary>Accessed and dirty, which hardware sets without a word in the trace.</summary>
    public ulong FlagMask { get; }

    public SpteLayout Layout => Vm.Vendor.Layout;

    public TdpMmu Mmu => Vm.Mmu;

    /// <summary>Makes the page at an address the next that the MMU takes for a table.</summary>
    public void ProvideTable(ulong address)
    {
        Machine.Memory.AddTable(new HostPhysicalAddress(address));
        Cache.Return(new HostPhysicalAddress(address));
    }

    /// <summary>Where the entry for a guest frame is at a level.</summary>
    public (TdpPage Page, int Index) Find(ulong gfn, int level)
    {
        TdpPage page = Root;
        while (page.Level > level)
        {
            ulong entry = page.Read(page.IndexOf(gfn));
            Assert.True(Layout.IsTable(entry, page.Level), $"gfn {gfn:x} level {page.Level}: 0x{entry:x}");
            page = TableOf(entry);
        }

        return (page, page.IndexOf(gfn));
    }

    /// <summary>The entry for a guest frame at a level; 0 where no table is.</summary>
    public ulong Read(ulong gfn, int level)
    {
        TdpPage page = Root;
        while (page.Level > level)
        {
            ulong entry = page.Read(page.IndexOf(gfn));
            if (!Layout.IsTable(entry, page.Level))
            {
                return 0;
            }

            page = TableOf(entry);
        }

        return page.Read(page.IndexOf(gfn));
    }

    public TdpPage TableOf(ulong entry) => (TdpPage)Machine.Memory.OwnerOf(Layout.AddressOf(entry))!;

    /// <summary>Whether an event's entry is what memory holds, but for what hardware sets.</summary>
    public void AssertHolds(in TraceEvent e, ulong expected, ulong actual) =>
        Assert.True(((expected ^ actual) & ~FlagMask) == 0, $"line {e.Line}: 0x{expected:x} in the trace, 0x{actual:x} here");

    /// <summary>Compares all tables with those of the image.</summary>
    /// <returns>How many entries hold something.</returns>
    public int AssertIs(KvmCapture capture)
    {
        Assert.Equal(capture.Tables.Count, Machine.Memory.TableCount);
        int used = 0;
        foreach ((ulong address, ulong[] entries) in capture.Tables)
        {
            Assert.True(Machine.Memory.IsTable(new HostPhysicalAddress(address)), $"0x{address:x}");
            for (int i = 0; i < entries.Length; i++)
            {
                ulong place = address + ((ulong)i * sizeof(ulong));
                Assert.True(Machine.Memory.TryRead(new HostPhysicalAddress(place), out ulong entry));
                Assert.True(
                    ((entry ^ entries[i]) & ~FlagMask) == 0, $"at 0x{place:x}: 0x{entries[i]:x} in the image, 0x{entry:x} here");
                used += entries[i] != 0 ? 1 : 0;
            }
        }

        return used;
    }
}
