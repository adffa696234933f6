using System.Text.Json;
using TdpHw.Formats.Tests.Interpreter;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Overlays;

/// <summary>What holds for every variant of KVM's use of EPT, as generated.</summary>
public abstract class KvmEptVariantTests<TVariant>
    where TVariant : struct, IKvmEpt<TVariant>
{
    private const int RandomEntries = 20_000;
    private static readonly Dictionary<string, ulong> NoCapabilities = [];
    private static readonly InterpretedRules Base = Definitions.Format("ept").Resolve(NoCapabilities);

    /// <summary>The variant's name.</summary>
    protected abstract string Id { get; }

    /// <summary>Rows of MMIO entries, with generation, page, and the entry under <see cref="MmioKey"/>.</summary>
    protected virtual JsonElement MmioRows => Spte.GetProperty("mmio");

    /// <summary>The oracle's name for the MMIO entries of the variant.</summary>
    protected abstract string MmioKey { get; }

    /// <summary>What an MMIO entry holds beside its fields.</summary>
    protected virtual ulong MmioValue => Constant("MMIO_VALUE");

    /// <summary>The bits that tell an MMIO entry.</summary>
    protected virtual ulong MmioMask => Constant("MMIO_MASK");

    /// <summary>The highest generation of an MMIO entry.</summary>
    protected virtual ulong GenerationMask => Constant("GEN_MASK");

    /// <summary>The oracle's name for the bit that says that KVM holds the entry for present.</summary>
    protected abstract string PresentConstant { get; }

    /// <summary>The values of an entry that holds nothing, the one that KVM writes first.</summary>
    protected abstract ulong[] EmptyValues { get; }

    /// <summary>The values of an entry that is being changed, the one that KVM writes first.</summary>
    protected abstract ulong[] FrozenValues { get; }

    protected static JsonElement Spte { get; } = OracleFile.Read("kvm_spte");

    private OverlayVariant Description => KvmEpt.Description.Variants.Single(variant => variant.Id == Id);

    [Fact]
    public void Every_mmio_entry_is_read_and_composed()
    {
        var findings = new Findings();
        int count = 0;
        foreach (JsonElement row in MmioRows.EnumerateArray())
        {
            int? cacheBits = row.TryGetProperty("cache_bits", out JsonElement bits) ? bits.GetInt32() : null;
            ulong generation = row.GetProperty("gen").GetUInt64();
            ulong frame = row.GetProperty("gfn").Hex();
            var entry = new EptEntry(row.GetProperty(MmioKey).Hex());
            string where = $"{Id} 0x{entry.Raw:x}";
            findings.Expect(where, "mmio", true, TVariant.IsMmio(entry));
            findings.Expect(where, "generation", generation, TVariant.MmioGeneration(entry));
            findings.Expect(where, "frame", frame, TVariant.MmioGuestFrame(entry, cacheBits));
            findings.Expect(where, "composed", entry.Raw, TVariant.ComposeMmio(generation, frame, cacheBits).Raw);
            count++;
        }

        findings.AssertNone(count);
    }

    [Fact]
    public void The_constants_of_mmio_are_those_of_the_variant()
    {
        Assert.Equal(MmioValue, TVariant.ComposeMmio(0, 0).Raw);
        for (ulong bits = 0; bits <= MmioMask; bits++)
        {
            Assert.Equal(bits == MmioValue, TVariant.IsMmio(new(bits)));
        }

        Assert.Equal(GenerationMask, TVariant.MmioGeneration(TVariant.ComposeMmio(GenerationMask, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.ComposeMmio(GenerationMask + 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.ComposeMmio(0, 1ul << 40));
    }

    [Fact]
    public void The_constants_of_present_entries_are_those_of_kvm()
    {
        Assert.Equal(Constant(PresentConstant), TVariant.MmuPresentMask);
        Assert.Equal(Constant("HOST_WRITABLE_ept"), TVariant.HostWritableMask);
        Assert.Equal(Constant("MMU_WRITABLE_ept"), TVariant.MmuWritableMask);
        Assert.Equal(Constant("TDP_AD_MASK"), TVariant.AdTypeMask);
        Assert.Equal(Constant("ACC_TRACK_SAVED_MASK"), TVariant.SavedReadMask | TVariant.SavedExecuteMask);

        // The read right, bit 0, is saved by shifting it to where the mask begins.
        Assert.Equal(1ul << Spte.GetProperty("constants").GetProperty("ACC_TRACK_SHIFT").GetInt32(), TVariant.SavedReadMask);
        Assert.Equal(Constant("AD_ENABLED"), TVariant.WithAdType(default, KvmAdType.Enabled).Raw);
        Assert.Equal(Constant("AD_DISABLED"), TVariant.WithAdType(default, KvmAdType.Disabled).Raw);
        Assert.Equal(Constant("AD_WRPROT_ONLY"), TVariant.WithAdType(default, KvmAdType.WriteProtect).Raw);
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.WithAdType(default, (KvmAdType)4));
    }

    [Fact]
    public void A_setter_writes_the_bits_of_its_mask_and_the_getter_reads_them()
    {
        (ulong Mask, Func<EptEntry, bool> Get, Func<EptEntry, bool, EptEntry> Set)[] fields =
        [
            (TVariant.MmuPresentMask, TVariant.MmuPresent, TVariant.WithMmuPresent),
            (TVariant.SavedReadMask, TVariant.SavedRead, TVariant.WithSavedRead),
            (TVariant.SavedExecuteMask, TVariant.SavedExecute, TVariant.WithSavedExecute),
            (TVariant.HostWritableMask, TVariant.HostWritable, TVariant.WithHostWritable),
            (TVariant.MmuWritableMask, TVariant.MmuWritable, TVariant.WithMmuWritable),
        ];
        foreach ((ulong mask, Func<EptEntry, bool> get, Func<EptEntry, bool, EptEntry> set) in fields)
        {
            Assert.Equal(mask, set(default, true).Raw);
            Assert.Equal(~mask, set(new(ulong.MaxValue), false).Raw);
            Assert.True(get(new(mask)));
            Assert.False(get(new(~mask)));
        }

        Assert.Equal(KvmAdType.WriteProtect, TVariant.AdType(new(Constant("AD_WRPROT_ONLY"))));
        Assert.Equal(KvmAdType.Enabled, TVariant.AdType(new(~TVariant.AdTypeMask)));
    }

    [Fact]
    public void Whole_values_are_recognised_and_the_first_is_written()
    {
        Assert.Equal(EmptyValues[0], TVariant.Empty.Raw);
        Assert.Equal(FrozenValues[0], TVariant.Frozen.Raw);
        Assert.Equal(EmptyValues, Description.EmptyValues);
        foreach (ulong value in EmptyValues.Concat(FrozenValues))
        {
            Assert.Equal(EmptyValues.Contains(value), TVariant.IsEmpty(new(value)));
            Assert.Equal(FrozenValues.Contains(value), TVariant.IsFrozen(new(value)));
            Assert.False(TVariant.IsMmio(new(value)));
            Assert.False(TVariant.IsAccessTracked(new(value)));
            for (int bit = 0; bit < 64; bit++)
            {
                ulong other = value ^ (1ul << bit);
                Assert.Equal(EmptyValues.Contains(other), TVariant.IsEmpty(new(other)));
                Assert.Equal(FrozenValues.Contains(other), TVariant.IsFrozen(new(other)));
            }
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(32)]
    [InlineData(40)]
    [InlineData(46)]
    public void Random_mmio_entries_come_back_as_they_were_composed(int? l1tfCacheBits)
    {
        const int Seed = 21;
        var random = new Random(Seed);
        var capabilities = new Dictionary<string, ulong>();
        if (l1tfCacheBits is int width)
        {
            capabilities.Add("l1tf_cache_bits", (ulong)width);
        }

        InterpretedVariant interpreted = Definitions.Overlay("kvm-ept").Resolve(Id, Base, capabilities);
        for (int i = 0; i < RandomEntries; i++)
        {
            ulong generation = (ulong)random.NextInt64((long)GenerationMask + 1);
            ulong frame = (ulong)random.NextInt64(1L << ((l1tfCacheBits ?? 52) - 12));
            EptEntry entry = TVariant.ComposeMmio(generation, frame, l1tfCacheBits);
            RecognisedEncoding? encoding = interpreted.Recognise(1, entry.Raw);
            Assert.Equal(
                ("mmio", generation, frame),
                (encoding?.Name, encoding!.Fields["Generation"], encoding.Fields["GuestFrame"]));
            Assert.True(TVariant.IsMmio(entry), $"seed {Seed}, entry {i}");
            Assert.Equal(generation, TVariant.MmioGeneration(entry));
            Assert.Equal(frame, TVariant.MmioGuestFrame(entry, l1tfCacheBits));
            Assert.Equal(0ul, entry.Raw & TVariant.MmuPresentMask & TVariant.MustBeZero);
        }
    }

    [Fact]
    public void A_frame_beyond_the_cache_addresses_can_not_be_displaced()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.ComposeMmio(0, 1ul << (40 - 12), 40));
        Assert.Equal((1ul << (40 - 12)) - 1, TVariant.MmioGuestFrame(TVariant.ComposeMmio(0, (1ul << (40 - 12)) - 1, 40), 40));
    }

    [Fact]
    public void Random_entries_mean_what_the_interpreter_says()
    {
        const int Seed = 22;
        var random = new Random(Seed);
        InterpretedVariant interpreted = Definitions.Overlay("kvm-ept").Resolve(Id, Base, NoCapabilities);
        Assert.Equal(interpreted.ZeroMask, TVariant.MustBeZero);
        Assert.Equal(interpreted.ZeroMask, Description.MustBeZero);
        var findings = new Findings();
        var seen = new HashSet<string>();
        for (int i = 0; i < RandomEntries; i++)
        {
            // Low rights and tracking types decide, so noise is thinned out there.
            var entry = new EptEntry(random.Next(8) switch
            {
                0 => EmptyValues[random.Next(EmptyValues.Length)],
                1 => FrozenValues[random.Next(FrozenValues.Length)],
                2 => (Noise(random) & ~(TVariant.AdTypeMask | 7)) | Constant("AD_DISABLED") | TVariant.MmuPresentMask,
                _ => new EptEntry(Noise(random)).Raw & ~(ulong)random.Next(8),
            });
            string where = $"seed {Seed}, entry {i}, 0x{entry.Raw:x}";
            string expected = interpreted.Recognise(1, entry.Raw)?.Name ?? "nothing";
            string described = Description.IsEmpty(entry.Raw) ? "empty" : Description.MeaningOf(entry.Raw)?.Name ?? "nothing";
            findings.ExpectSet(where, "meaning by description", [expected], [described]);
            findings.ExpectSet(where, "meaning", [expected], [MeaningOf(entry)]);
            foreach (FieldDescription field in Description.Fields)
            {
                ulong value = interpreted.FieldsOf(1, EntryLayout.Leaf, entry.Raw)
                    .Single(reading => reading.Name == field.Name).Value;
                findings.Expect(where, field.Name, value, field.Extract(entry.Raw));
            }

            seen.Add(expected);
        }

        findings.AssertNone(RandomEntries);
        Assert.Equal(["access-tracked", "empty", "frozen", "mmio", "nothing"], seen.Order());
    }

    protected static ulong Constant(string name) => Spte.GetProperty("constants").GetProperty(name).Hex();

    private static ulong Noise(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);

    private static string MeaningOf(EptEntry entry)
    {
        if (TVariant.IsMmio(entry))
        {
            return "mmio";
        }

        if (TVariant.IsAccessTracked(entry))
        {
            return "access-tracked";
        }

        return TVariant.IsFrozen(entry) ? "frozen" : TVariant.IsEmpty(entry) ? "empty" : "nothing";
    }

    [Theory]
    [InlineData(31)]
    [InlineData(47)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_cache_width_that_no_processor_has_is_refused(int width)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.ComposeMmio(0, 1, width));
        Assert.Throws<ArgumentOutOfRangeException>(() => TVariant.MmioGuestFrame(new EptEntry(6), width));
    }
}
