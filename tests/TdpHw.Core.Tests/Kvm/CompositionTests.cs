using TdpHw.Core.Kvm;
using TdpHw.Core.Tests.Kvm.Traces;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>The entries that an unmodified kernel wrote, composed anew from what is known beside them.</summary>
public sealed class CompositionTests
{
    [Theory]
    [InlineData("ept-default", 1732)]
    [InlineData("ept-noad", 1653)]
    [InlineData("ept-huge", 85)]
    public void Every_leaf_is_what_kvm_makes_of_slot_frame_and_rights(string name, int leaves)
    {
        // Slot: capture.json. Frame, level, rights: expected.tsv, rights as effective along the path, whose tables grant all.
        // Whether the host maps the page writable: the faults and the host's unmappings of trace.txt.
        KvmCapture capture = KvmCapture.Open(name);
        SpteLayout layout = capture.CreateVendor().Layout;
        var host = HostPages.AtEnd(capture);
        foreach (CapturedEntry leaf in capture.Leaves)
        {
            CapturedSlot slot = capture.SlotOf(leaf.Address);
            bool isHostWritable = host.IsWritable(leaf.Address);
            bool isWritable = leaf.Rights[1] == 'W';
            ulong composed = layout.ComposeLeaf(new SpteLeaf(
                leaf.Level,
                new HostPhysicalAddress(leaf.Frame),
                Rights.Read | Rights.Write | (leaf.Rights[2] == 'X' ? Rights.Execute : 0),
                isHostWritable,
                slot.IsDevice,
                !capture.HasAccessedDirty));
            if (isHostWritable && !isWritable)
            {
                // Only the dirty log takes the right to write, and only where there is no dirty flag.
                Assert.True((slot.LogsDirtyFromStart || slot.LogsDirtyLater) && !capture.HasAccessedDirty, $"0x{leaf.Address:x}");
                composed = layout.WriteProtect(composed);
            }

            Assert.True(isHostWritable || !isWritable, $"0x{leaf.Address:x}");
            AssertSame(layout, leaf, composed);
        }

        Assert.Equal(leaves, capture.Leaves.Count);
    }

    [Fact]
    public void Every_access_tracked_entry_is_the_leaf_that_a_fault_mapped_with_its_rights_taken()
    {
        // The frame is that which the last fault on the page mapped (trace.txt).
        KvmCapture capture = KvmCapture.Open("ept-noad");
        SpteLayout layout = capture.CreateVendor().Layout;
        var host = HostPages.AtEnd(capture);
        CapturedEntry[] tracked = [.. capture.Specials.Where(s => s.IsAccessTracked)];
        foreach (CapturedEntry entry in tracked)
        {
            ulong leaf = layout.ComposeLeaf(new SpteLeaf(
                entry.Level,
                new HostPhysicalAddress(host.FrameAt(entry.Address)),
                Rights.Read | Rights.Write | Rights.Execute,
                host.IsWritable(entry.Address),
                IsAdDisabled: true));

            Assert.Equal(entry.Entry, layout.Track(leaf));
            Assert.True(layout.IsAccessTracked(entry.Entry));
        }

        Assert.Equal(18, tracked.Length);
    }

    [Theory]
    [InlineData("ept-default")]
    [InlineData("ept-noad")]
    [InlineData("ept-huge")]
    public void Every_entry_of_a_table_leads_to_one_page_of_the_image_with_all_rights(string name)
    {
        // The pages are those of tables.bin; which entry leads to which is found out, not told.
        KvmCapture capture = KvmCapture.Open(name);
        SpteLayout layout = capture.CreateVendor().Layout;
        var expected = capture.Tables.Keys.Where(t => t != capture.Root)
            .Select(t => layout.ComposeTable(new HostPhysicalAddress(t), !capture.HasAccessedDirty) & ~layout.AccessedMask)
            .Order();
        var found = new List<ulong>();
        Collect(capture.Root, capture.Levels);

        Assert.Equal(expected, found.Order());

        void Collect(ulong table, int level)
        {
            foreach (ulong entry in capture.Tables[table])
            {
                if (level > 1 && layout.IsTable(entry, level))
                {
                    found.Add(entry & ~layout.AccessedMask);
                    Collect(layout.AddressOf(entry).Value, level - 1);
                }
            }
        }
    }

    [Theory]
    [InlineData("ept-default", 7)]
    [InlineData("ept-noad", 7)]
    [InlineData("ept-huge", 1)]
    public void Every_mmio_entry_holds_its_page_and_the_number_of_slot_changes(string name, int count)
    {
        // Each slot was made once, and each address space counts in steps of two.
        KvmCapture capture = KvmCapture.Open(name);
        SpteLayout layout = capture.CreateVendor().Layout;
        ulong generation = 2 * (ulong)capture.Slots.Count;
        CapturedEntry[] mmio = [.. capture.Specials.Where(s => s.IsMmio)];
        foreach (CapturedEntry entry in mmio)
        {
            Assert.Equal(entry.Entry, layout.ComposeMmio(generation, entry.Address >> 12));
            Assert.True(layout.IsMmio(entry.Entry));
            Assert.False(layout.IsPresent(entry.Entry));
            Assert.Equal(generation, layout.MmioGenerationOf(entry.Entry));
            Assert.Equal(entry.Address >> 12, layout.MmioGuestFrameOf(entry.Entry));
        }

        Assert.Equal(count, mmio.Length);
        Assert.Equal(
            capture.Trace.Where(e => e.Kind == TraceEventKind.MmioMarked).Select(e => (e.Gfn, e.Generation)).Order(),
            mmio.Select(e => (layout.MmioGuestFrameOf(e.Entry), layout.MmioGenerationOf(e.Entry))).Order());
    }

    private static void AssertSame(SpteLayout layout, CapturedEntry expected, ulong actual) =>
        Assert.True(
            ((actual ^ expected.Entry) & ~(layout.AccessedMask | layout.DirtyMask)) == 0,
            $"0x{expected.Address:x}: 0x{expected.Entry:x} was written, 0x{actual:x} composed");
}
