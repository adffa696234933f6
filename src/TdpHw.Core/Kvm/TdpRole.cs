using System.Globalization;

namespace TdpHw.Core.Kvm;

/// <summary>
/// What a page of a TDP table is for, as one word that is compared as a whole: two roots are the same root when their words are.
/// (Linux 6.7 arch/x86/include/asm/kvm_host.h, union kvm_mmu_page_role.)
/// </summary>
/// <param name="Word">The word.</param>
public readonly record struct TdpRole(uint Word)
{
    private const uint LevelMask = 0xf;
    private const uint DirectMask = 1u << 7;
    private const uint AllAccess = 7u << 8;
    private const uint InvalidMask = 1u << 11;
    private const uint EferNxMask = 1u << 12;
    private const uint Cr0WpMask = 1u << 13;
    private const uint AdDisabledMask = 1u << 16;
    private const uint GuestModeMask = 1u << 17;

    // Bits 23:19 are unused in the kernel; the strict mode marks a root that also holds what KVM keeps to itself.
    private const uint PrivateMask = 1u << 19;
    private const uint SmmMask = 1u << 24;

    /// <summary>The level of the page's entries.</summary>
    public int Level => (int)(Word & LevelMask);

    /// <summary>Whether accessed and dirty flags are off in the page's entries.</summary>
    public bool IsAdDisabled => (Word & AdDisabledMask) != 0;

    /// <summary>Whether the page serves system-management mode.</summary>
    public bool IsSmm => (Word & SmmMask) != 0;

    /// <summary>Whether the page serves a nested guest without nested paging of its own.</summary>
    public bool IsGuestMode => (Word & GuestModeMask) != 0;

    /// <summary>Whether the page belongs to a root that may be used no more.</summary>
    public bool IsInvalid => (Word & InvalidMask) != 0;

    /// <summary>Whether the page belongs to a root with memory that KVM keeps to itself (strict mode).</summary>
    public bool IsPrivate => (Word & PrivateMask) != 0;

    /// <summary>The address space that the page translates.</summary>
    public int AddressSpace => IsSmm ? 1 : 0;

    /// <summary>The role of a TDP root. (Linux 6.7 mmu.c, kvm_calc_tdp_mmu_root_page_role.)</summary>
    /// <param name="level">The level of the root's entries.</param>
    /// <param name="isSmm">Whether it serves system-management mode.</param>
    /// <param name="isGuestMode">Whether it serves a nested guest.</param>
    /// <param name="isAdDisabled">Whether accessed and dirty flags are off.</param>
    public static TdpRole Root(int level, bool isSmm, bool isGuestMode, bool isAdDisabled)
    {
        uint word = (uint)level | DirectMask | AllAccess | EferNxMask | Cr0WpMask;
        word |= isSmm ? SmmMask : 0;
        word |= isGuestMode ? GuestModeMask : 0;
        word |= isAdDisabled ? AdDisabledMask : 0;
        return new TdpRole(word);
    }

    /// <summary>The role of a page one level below.</summary>
    public TdpRole Child() => new((Word & ~LevelMask) | (uint)(Level - 1));

    /// <summary>This role marked as one that may be used no more.</summary>
    public TdpRole Invalidated() => new(Word | InvalidMask);

    /// <summary>This role with memory that KVM keeps to itself.</summary>
    public TdpRole WithPrivate() => new(Word | PrivateMask);

    /// <summary>The word in hexadecimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Word:x8}");
}
