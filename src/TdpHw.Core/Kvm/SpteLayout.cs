using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// How KVM composes and reads the entries of one format on one machine: the format's rules and KVM's overlay, resolved once into
/// masks. It is made from the definitions and names no format. (Compare the shadow masks of Linux 6.7 arch/x86/kvm/mmu/spte.c.)
/// </summary>
public sealed class SpteLayout
{
    private const int Page4K = 1;

    // Write-back; the definitions of formats with a memory type call it so.
    private const string WriteBack = "WB";
    private const string Uncacheable = "UC";

    private readonly EntryTest _read;
    private readonly EntryTest _write;
    private readonly EntryTest _execute;
    private readonly EntryTest _present;
    private readonly EntryTest _required;
    private readonly ulong[] _largePage;
    private readonly ulong _normalMemory;
    private readonly ulong _deviceMemory;
    private readonly ulong _adMask;
    private readonly ulong _adDisabled;
    private readonly ulong _savedRead;
    private readonly ulong _savedExecute;
    private readonly SpecialEncoding _mmio;
    private readonly FieldDescription _mmioGeneration;
    private readonly FieldDescription _mmioGuestFrame;
    private readonly int? _l1tfCacheBits;

    private SpteLayout(LevelRules[] levels, FormatDescription format, OverlayVariant variant, int? l1tfCacheBits)
    {
        LevelRules page = levels[0];
        (_read, _write, _execute) = (page.Read, page.Write, page.Execute);
        _present = PresenceOf(page);

        // Accesses through nested tables are the guest's, which some formats take for a user's.
        _required = (page.RequiredRights & Rights.User) != 0 ? page.User : EntryTest.Always;
        _largePage = [.. levels.Select(l => l.Leaf.Where(r => r.Supported).Select(r => r.Test.Value).FirstOrDefault())];
        AddressMask = page.LeafAddress;
        AccessedMask = page.LeafAccessed;
        DirtyMask = page.LeafDirty;
        (_normalMemory, _deviceMemory) = MemoryTypes(format, page);
        MmuPresentMask = Field(variant, "MmuPresent").Mask;
        HostWritableMask = Field(variant, "HostWritable").Mask;
        MmuWritableMask = Field(variant, "MmuWritable").Mask;
        FieldDescription adType = Field(variant, "AdType");
        _adMask = adType.Mask;
        _adDisabled = adType.Insert(0, adType.Values!.Members.Single(m => m.Name == "Disabled").Value);

        // Where the hardware always keeps the accessed flag, KVM never takes rights away to see accesses.
        _savedRead = FindField(variant, "SavedRead")?.Mask ?? 0;
        _savedExecute = FindField(variant, "SavedExecute")?.Mask ?? 0;
        _mmio = Encoding(variant, "mmio");
        _mmioGeneration = _mmio.Fields.Single(f => f.Name == "Generation");
        _mmioGuestFrame = _mmio.Fields.Single(f => f.Name == "GuestFrame");
        _l1tfCacheBits = l1tfCacheBits;
        Empty = variant.EmptyValues[0];
        Frozen = Encoding(variant, "frozen").Tests[0].Value;
        Variant = variant;
        MmioGenerationMask = (1ul << _mmioGeneration.Width) - 1;
    }

    /// <summary>Which version of KVM's use of the format this is.</summary>
    public OverlayVariant Variant { get; }

    /// <summary>An entry that holds nothing.</summary>
    public ulong Empty { get; }

    /// <summary>An entry that another thread is changing, or whose table is being taken apart.</summary>
    public ulong Frozen { get; }

    /// <summary>Set by the hardware when an entry is used; 0 where accessed and dirty flags are off.</summary>
    public ulong AccessedMask { get; }

    /// <summary>Set by the hardware when a page is written; 0 where accessed and dirty flags are off.</summary>
    public ulong DirtyMask { get; }

    /// <summary>The address of a page or table.</summary>
    public ulong AddressMask { get; }

    /// <summary>Set in each entry that KVM holds for present.</summary>
    public ulong MmuPresentMask { get; }

    /// <summary>Set where the host maps the page writable.</summary>
    public ulong HostWritableMask { get; }

    /// <summary>Set where KVM may make the entry writable without its lock.</summary>
    public ulong MmuWritableMask { get; }

    /// <summary>The bits of a memslot generation that an MMIO entry has room for.</summary>
    public ulong MmioGenerationMask { get; }

    /// <summary>Whether the hardware keeps accessed and dirty flags.</summary>
    public bool HasAccessedDirty => AccessedMask != 0;

    /// <summary>Resolves a format and KVM's use of it.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="rules">The format's rules on the machine.</param>
    /// <param name="variant">How KVM uses it.</param>
    /// <param name="l1tfCacheBits">The width of the cache's addresses on a processor open to L1TF, or null.</param>
    /// <exception cref="ArgumentException">The overlay lacks a field or an encoding that KVM needs.</exception>
    public static SpteLayout Create<TFormat>(FormatRules<TFormat> rules, OverlayVariant variant, int? l1tfCacheBits = null)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(variant);
        return new SpteLayout(
            [.. Enumerable.Range(1, rules.MaxLevel).Select(l => rules[l])], TFormat.Description, variant, l1tfCacheBits);
    }

    /// <summary>Whether KVM holds an entry for present: a leaf, a table, or a leaf whose rights are taken away for a while.</summary>
    public bool IsPresent(ulong spte) => (spte & MmuPresentMask) != 0;

    /// <summary>Whether a present entry at <paramref name="level"/> maps a page.</summary>
    public bool IsLeaf(ulong spte, int level) =>
        level == Page4K || (_largePage[level - 1] != 0 && (spte & _largePage[level - 1]) == _largePage[level - 1]);

    /// <summary>Whether a present entry leads to a table.</summary>
    public bool IsTable(ulong spte, int level) => IsPresent(spte) && !IsLeaf(spte, level);

    /// <summary>Whether an entry is an emulated MMIO page.</summary>
    public bool IsMmio(ulong spte) => Matches(_mmio, spte);

    /// <summary>Whether an entry allows writes.</summary>
    public bool IsWritable(ulong spte) => _write.Matches(spte);

    /// <summary>Whether an entry allows instruction fetches.</summary>
    public bool IsExecutable(ulong spte) => _execute.Matches(spte);

    /// <summary>Whether KVM may make an entry writable without its lock.</summary>
    public bool IsMmuWritable(ulong spte) => (spte & MmuWritableMask) != 0;

    /// <summary>Whether accesses to an entry are tracked by taking its rights away, and they are taken away now.</summary>
    public bool IsAccessTracked(ulong spte) =>
        IsPresent(spte) && (spte & _adMask) == _adDisabled && !_read.Matches(spte) && !_write.Matches(spte) && !_execute.Matches(spte);

    /// <summary>Whether an entry was used since it was last aged.</summary>
    public bool IsAccessed(ulong spte) =>
        (spte & _adMask) == _adDisabled ? !IsAccessTracked(spte) : (spte & AccessedMask) != 0;

    /// <summary>Whether a page was written: by its flag, or, where there is none, because it could be.</summary>
    public bool IsDirty(ulong spte) =>
        (spte & _adMask) == _adDisabled ? IsWritable(spte) : (spte & DirtyMask) != 0;

    /// <summary>The page or table that an entry leads to.</summary>
    public HostPhysicalAddress AddressOf(ulong spte) => new(spte & AddressMask);

    /// <summary>An entry that leads to a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="isAdDisabled">Whether accessed and dirty flags are off.</param>
    public ulong ComposeTable(HostPhysicalAddress table, bool isAdDisabled)
    {
        ulong spte = Base(table, isAdDisabled);
        spte = Grant(Grant(spte, _write), _execute);
        return isAdDisabled ? spte : spte | AccessedMask;
    }

    /// <summary>An entry that maps a page.</summary>
    /// <param name="leaf">The page.</param>
    /// <exception cref="ArgumentOutOfRangeException">The frame does not fit the entry or is not aligned to the page's size.</exception>
    public ulong ComposeLeaf(in SpteLeaf leaf)
    {
        if ((leaf.Frame.Value & (PageSize(leaf.Level) - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(leaf), $"the frame {leaf.Frame} is not aligned to a page of level {leaf.Level}.");
        }

        return ComposeLeafAsGiven(leaf);
    }

    /// <summary>An entry that maps a page, whose frame may be misaligned: the kernel writes such an entry and warns.</summary>
    internal ulong ComposeLeafAsGiven(in SpteLeaf leaf)
    {
        ulong spte = Base(leaf.Frame, leaf.IsAdDisabled) | _largePage[leaf.Level - 1];
        spte |= leaf.IsDeviceMemory ? _deviceMemory : _normalMemory;
        spte |= leaf.IsAdDisabled ? 0 : AccessedMask;
        spte |= leaf.IsHostWritable ? HostWritableMask : 0;
        spte = (leaf.Rights & Rights.Execute) != 0 ? Grant(spte, _execute) : Revoke(spte, _execute);
        return leaf.IsHostWritable && (leaf.Rights & Rights.Write) != 0
            ? Grant(spte, _write) | MmuWritableMask | (leaf.IsAdDisabled ? 0 : DirtyMask)
            : Revoke(spte, _write);
    }

    /// <summary>How many bytes a page of a level has.</summary>
    internal static ulong PageSize(int level) => 1ul << (12 + (TdpPage.IndexBits * (level - 1)));

    /// <summary>The entry of a smaller page that takes its part of a split huge page's place.</summary>
    /// <param name="huge">The huge page's entry.</param>
    /// <param name="childLevel">The level of the smaller page.</param>
    /// <param name="index">Which part it is.</param>
    /// <param name="makeExecutable">Whether a smaller page may be executable though the huge one was not (NX huge pages).</param>
    public ulong ComposeSplit(ulong huge, int childLevel, int index, bool makeExecutable)
    {
        ulong spte = huge + ((ulong)index * PageSize(childLevel));
        spte &= ~_largePage[childLevel] | _largePage[childLevel - 1];
        return makeExecutable && childLevel == Page4K ? Grant(spte, _execute) : spte;
    }

    /// <summary>An entry of emulated MMIO.</summary>
    /// <param name="generation">The memslots' generation; only the bits that fit are kept.</param>
    /// <param name="guestFrame">The guest frame.</param>
    public ulong ComposeMmio(ulong generation, ulong guestFrame)
    {
        EntryTest value = _mmio.Tests[0];
        ulong spte = _mmioGuestFrame.Insert(0, guestFrame);
        if (_mmioGuestFrame.Displacement is { } displacement && _l1tfCacheBits is int width)
        {
            spte = displacement.Apply(spte, width);
        }

        return _mmioGeneration.Insert(spte | value.Value, generation & MmioGenerationMask);
    }

    /// <summary>The generation that an MMIO entry was made in.</summary>
    public ulong MmioGenerationOf(ulong spte) => _mmioGeneration.Extract(spte);

    /// <summary>The guest frame that an MMIO entry stands for.</summary>
    public ulong MmioGuestFrameOf(ulong spte)
    {
        ulong bits = _mmioGuestFrame.Displacement is { } displacement && _l1tfCacheBits is int width
            ? displacement.Undo(spte, width)
            : spte;
        return _mmioGuestFrame.Extract(bits);
    }

    /// <summary>An entry whose rights are taken away, to see the next access. (Linux 6.7 spte.c, mark_spte_for_access_track.)</summary>
    public ulong Track(ulong spte)
    {
        if ((spte & _adMask) != _adDisabled)
        {
            return spte & ~AccessedMask;
        }

        if (IsAccessTracked(spte))
        {
            return spte;
        }

        spte = (spte & ~(_savedRead | _savedExecute))
            | (_read.Matches(spte) ? _savedRead : 0)
            | (_execute.Matches(spte) ? _savedExecute : 0);
        return Revoke(Revoke(Revoke(spte, _read), _write), _execute);
    }

    /// <summary>An access-tracked entry with its rights back; the right to write is not kept and does not come back.</summary>
    public ulong Restore(ulong spte)
    {
        spte = (spte & _savedRead) != 0 ? Grant(spte, _read) : spte;
        spte = (spte & _savedExecute) != 0 ? Grant(spte, _execute) : spte;
        return spte & ~(_savedRead | _savedExecute);
    }

    /// <summary>An entry that allows writes.</summary>
    public ulong MakeWritable(ulong spte) => Grant(spte, _write);

    /// <summary>An entry that allows no writes.</summary>
    public ulong WriteProtect(ulong spte) => Revoke(spte, _write);

    private static ulong Grant(ulong spte, EntryTest right) => (spte & ~right.Mask) | right.Value;

    private static ulong Revoke(ulong spte, EntryTest right) => (spte & ~right.Mask) | (~right.Value & right.Mask);

    private static bool Matches(SpecialEncoding encoding, ulong spte)
    {
        foreach (EntryTest test in encoding.Tests)
        {
            if (test.Matches(spte))
            {
                return true;
            }
        }

        return false;
    }

    private static FieldDescription? FindField(OverlayVariant variant, string name) =>
        variant.Fields.FirstOrDefault(f => f.Name == name);

    private static FieldDescription Field(OverlayVariant variant, string name) =>
        FindField(variant, name)
        ?? throw new ArgumentException($"the overlay variant '{variant.Id}' has no field {name}, which KVM needs.", nameof(variant));

    private static SpecialEncoding Encoding(OverlayVariant variant, string name) =>
        variant.Encodings.FirstOrDefault(e => e.Name == name)
        ?? throw new ArgumentException($"the overlay variant '{variant.Id}' has no encoding '{name}', which KVM needs.", nameof(variant));

    /// <summary>What makes an entry present beyond its rights: nothing where a right does, as in EPT.</summary>
    private static EntryTest PresenceOf(LevelRules rules)
    {
        EntryTest test = EntryTest.Never;
        for (ulong bit = 1; bit != 0 && test == EntryTest.Never; bit <<= 1)
        {
            // A presence test of one bit, which no right tests by itself.
            if (rules.IsPresent(bit) && !rules.IsPresent(0) && rules.IsPresent(ulong.MaxValue) && !rules.IsPresent(~bit))
            {
                test = new EntryTest(bit, bit);
            }
        }

        return test == EntryTest.Never ? EntryTest.Always : test;
    }

    private static (ulong Normal, ulong Device) MemoryTypes(FormatDescription format, LevelRules page)
    {
        FieldDescription? type = format.Fields.FirstOrDefault(f =>
            f.Role == FieldRole.MemoryType && f.AppliesTo(page.Level, EntryLayout.Leaf) && (f.Mask & page.LeafMemoryType) != 0);
        if (type is null)
        {
            return (0, 0);
        }

        // KVM overrides the guest's PAT for ordinary memory, where the format lets it.
        ulong ignorePat = format.Fields.FirstOrDefault(f => f.Name == "IgnorePat" && f.AppliesTo(page.Level, EntryLayout.Leaf))?.Mask ?? 0;
        return (
            type.Insert(0, type.Values!.Members.Single(m => m.Name == WriteBack).Value) | ignorePat,
            type.Insert(0, type.Values.Members.Single(m => m.Name == Uncacheable).Value));
    }

    private ulong Base(HostPhysicalAddress address, bool isAdDisabled)
    {
        if ((address.Value & ~AddressMask) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(address), $"{address} does not fit an entry.");
        }

        ulong spte = address.Value | MmuPresentMask | (isAdDisabled ? _adDisabled : 0);
        return Grant(Grant(Grant(spte, _present), _required), _read);
    }
}
