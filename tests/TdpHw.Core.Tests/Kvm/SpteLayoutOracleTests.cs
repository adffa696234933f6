using System.Text.Json;
using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>KVM's constants and encodings, from the independent model's file.</summary>
public sealed class SpteLayoutOracleTests
{
    // Leaves clear of what the constants below are about.
    private static readonly HostPhysicalAddress Frame = new(0x1234000);

    private static readonly JsonElement File = OracleRows.Document("kvm_spte.json");

    [Theory]
    [InlineData("low", "MMU_PRESENT_before")]
    [InlineData("low-ve", "MMU_PRESENT_before")]
    [InlineData("high", "MMU_PRESENT_after")]
    public void What_is_present_has_its_bit_where_kvm_has_it(string variant, string constant)
    {
        SpteLayout layout = LayoutOf(variant);
        ulong bit = Constant(constant);

        Assert.Equal(bit, layout.MmuPresentMask);
        Assert.Equal(bit, layout.ComposeTable(Frame, isAdDisabled: false) & bit);
        Assert.Equal(bit, layout.ComposeLeaf(LeafOf(isHostWritable: false)) & bit);
        Assert.True(layout.IsPresent(bit));
        Assert.False(layout.IsPresent(~bit));
    }

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void What_may_be_written_is_marked_for_host_and_mmu(string variant)
    {
        SpteLayout layout = LayoutOf(variant);
        ulong both = Constant("HOST_WRITABLE_ept") | Constant("MMU_WRITABLE_ept");

        Assert.Equal(Constant("HOST_WRITABLE_ept"), layout.HostWritableMask);
        Assert.Equal(Constant("MMU_WRITABLE_ept"), layout.MmuWritableMask);
        Assert.Equal(both, layout.ComposeLeaf(LeafOf(isHostWritable: true)) & both);
        Assert.Equal(0ul, layout.ComposeLeaf(LeafOf(isHostWritable: false)) & both);
        Assert.Equal(
            Constant("HOST_WRITABLE_ept"),
            layout.ComposeLeaf(LeafOf(isHostWritable: true) with { Rights = Rights.Read | Rights.Execute }) & both);
    }

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void How_accesses_are_tracked_is_said_in_tables_and_leaves(string variant)
    {
        SpteLayout layout = LayoutOf(variant);
        ulong mask = Constant("TDP_AD_MASK");

        Assert.Equal(Constant("AD_ENABLED"), layout.ComposeTable(Frame, isAdDisabled: false) & mask);
        Assert.Equal(Constant("AD_DISABLED"), layout.ComposeTable(Frame, isAdDisabled: true) & mask);
        Assert.Equal(Constant("AD_ENABLED"), layout.ComposeLeaf(LeafOf(isHostWritable: true)) & mask);
        Assert.Equal(
            Constant("AD_DISABLED"), layout.ComposeLeaf(LeafOf(isHostWritable: true) with { IsAdDisabled = true }) & mask);

        // Accesses that are tracked by write protection alone keep their rights.
        Assert.False(layout.IsAccessTracked(layout.MmuPresentMask | Constant("AD_WRPROT_ONLY")));
        Assert.True(layout.IsAccessTracked(layout.MmuPresentMask | Constant("AD_DISABLED")));
    }

    [Theory]
    [InlineData("low", "REMOVED_SPTE_6_7")]
    [InlineData("low-ve", "FROZEN_SPTE_2024")]
    [InlineData("high", "REMOVED_SPTE_6_7")]
    public void A_frozen_entry_has_the_value_of_its_kernel(string variant, string constant) =>
        Assert.Equal(Constant(constant), LayoutOf(variant).Frozen);

    [Theory]
    [InlineData("low", "AD_ENABLED")]
    [InlineData("low-ve", "NONPRESENT_VALUE_x86_64_later")]
    [InlineData("high", "AD_ENABLED")]
    public void An_empty_entry_has_the_value_of_its_kernel(string variant, string constant) =>
        Assert.Equal(Constant(constant), LayoutOf(variant).Empty);

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void Emulated_mmio_is_told_by_its_three_lowest_bits(string variant)
    {
        SpteLayout layout = LayoutOf(variant);
        ulong mask = Constant("MMIO_MASK");

        Assert.Equal(Constant("MMIO_VALUE"), layout.ComposeMmio(0, 0));
        Assert.Equal(Constant("GEN_MASK"), layout.MmioGenerationMask);
        for (ulong low = 0; low <= mask; low++)
        {
            Assert.Equal(low == Constant("MMIO_VALUE"), layout.IsMmio(low));
            Assert.Equal(low == Constant("MMIO_VALUE"), layout.IsMmio(~mask | low));
        }
    }

    [Theory]
    [InlineData("low", "before")]
    [InlineData("high", "after")]
    public void Every_mmio_entry_is_composed_and_read_back(string variant, string key)
    {
        SpteLayout layout = LayoutOf(variant);
        JsonElement[] rows = [.. File.GetProperty("mmio").EnumerateArray()];
        foreach (JsonElement row in rows)
        {
            ulong generation = row.GetProperty("gen").GetUInt64();
            ulong spte = row.Hex(key);

            Assert.Equal(spte, layout.ComposeMmio(generation, row.Hex("gfn")));
            Assert.Equal(generation, layout.MmioGenerationOf(spte));
            Assert.Equal(row.Hex("gfn"), layout.MmioGuestFrameOf(spte));
            Assert.True(layout.IsMmio(spte));
        }

        Assert.Equal(File.Number("count"), rows.Length);
    }

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void A_generation_beyond_what_an_entry_holds_is_cut(string variant)
    {
        SpteLayout layout = LayoutOf(variant);

        Assert.Equal(layout.ComposeMmio(5, 0x1000), layout.ComposeMmio(Constant("GEN_MASK") + 1 + 5, 0x1000));
    }

    [Theory]
    [InlineData("low", "MMU_PRESENT_before")]
    [InlineData("high", "MMU_PRESENT_after")]
    public void Every_access_tracked_entry_is_made_and_restored(string variant, string constant)
    {
        // The rows have accessed flags off and MMU_PRESENT where the series puts it; mainline differs in nothing else here.
        SpteLayout layout = LayoutOf(variant, hasAccessedDirty: false);
        ulong Placed(ulong spte) => (spte & ~Constant("MMU_PRESENT_after")) | Constant(constant);
        JsonElement[] rows = [.. File.GetProperty("access_track").EnumerateArray()];
        foreach (JsonElement row in rows)
        {
            ulong tracked = Placed(row.Hex("tracked"));

            Assert.Equal(tracked, layout.Track(Placed(row.Hex("spte"))));
            Assert.Equal(tracked, layout.Track(tracked));
            Assert.True(layout.IsAccessTracked(tracked));
            Assert.False(layout.IsAccessed(tracked));
            Assert.Equal(Placed(row.Hex("restored_rx")), layout.Restore(tracked));
            Assert.True(layout.IsAccessed(Placed(row.Hex("restored_rx"))));
        }

        Assert.Equal(4, rows.Length);
    }

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void The_rights_of_a_tracked_entry_are_saved_where_kvm_saves_them(string variant)
    {
        SpteLayout layout = LayoutOf(variant, hasAccessedDirty: false);
        ulong mask = Constant("ACC_TRACK_SAVED_MASK");
        const int readAndExecute = 5;

        Assert.Equal(mask, (ulong)readAndExecute << (int)File.GetProperty("constants").GetProperty("ACC_TRACK_SHIFT").GetInt32());
        Assert.Equal(mask, layout.Track(layout.ComposeLeaf(LeafOf(isHostWritable: true) with { IsAdDisabled = true })) & mask);
    }

    [Theory]
    [InlineData("low")]
    [InlineData("high")]
    public void An_entry_with_an_accessed_flag_is_aged_by_clearing_it(string variant)
    {
        const ulong accessed = 1 << 8;
        SpteLayout layout = LayoutOf(variant);
        ulong leaf = layout.ComposeLeaf(LeafOf(isHostWritable: true));

        Assert.True(layout.IsAccessed(leaf));
        Assert.Equal(leaf & ~accessed, layout.Track(leaf));
        Assert.False(layout.IsAccessed(layout.Track(leaf)));
    }

    private static ulong Constant(string name) => File.GetProperty("constants").Hex(name);

    private static SpteLeaf LeafOf(bool isHostWritable) =>
        new(1, Frame, Rights.Read | Rights.Write | Rights.Execute, isHostWritable);

    private static SpteLayout LayoutOf(string variant, bool hasAccessedDirty = true) =>
        new VmxVendor(new EptCapabilities { AccessedDirty = hasAccessedDirty }, variant).Layout;
}
