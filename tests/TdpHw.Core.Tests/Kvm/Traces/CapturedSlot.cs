using System.Globalization;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>A memory slot as the program that ran the guest made it.</summary>
/// <param name="Start">The first guest-physical address.</param>
/// <param name="Size">How many bytes.</param>
/// <param name="HostStart">The host-virtual address of the first byte.</param>
/// <param name="Flags">KVM_MEM_LOG_DIRTY_PAGES is 1, KVM_MEM_READONLY is 2.</param>
/// <param name="Backing">What the program says is behind it.</param>
internal sealed record CapturedSlot(ulong Start, ulong Size, ulong HostStart, int Flags, string Backing)
{
    public bool IsReadOnly => (Flags & 2) != 0;

    public bool LogsDirtyFromStart => (Flags & 1) != 0;

    public bool LogsDirtyLater => Backing.Contains("dirty log enabled later", StringComparison.Ordinal);

    /// <summary>Whether a device is behind it and no memory.</summary>
    public bool IsDevice => Backing.StartsWith("/dev/mem", StringComparison.Ordinal);

    /// <summary>Whether the program shares the memory, so that the host maps its pages writable from the first touch.</summary>
    public bool IsShared => IsDevice || Backing.StartsWith("memfd", StringComparison.Ordinal);

    /// <summary>Whether the host's pages have one size, whatever is touched.</summary>
    public bool IsHugeTlb => Backing.StartsWith("hugetlb", StringComparison.Ordinal);

    /// <summary>The largest pages that the host may have behind it, as a level.</summary>
    public int HostLevel => Backing.StartsWith("hugetlb-1G", StringComparison.Ordinal) ? 3
        : IsHugeTlb || Backing.StartsWith("thp", StringComparison.Ordinal) ? 2
        : 1;

    public bool Contains(ulong address) => address - Start < Size;

    public bool ContainsHost(ulong address) => address - HostStart < Size;

    public ulong ToHost(ulong address) => address - Start + HostStart;

    public ulong ToGuest(ulong hostAddress) => hostAddress - HostStart + Start;

    /// <summary>Reads a line <c>SLOT n as 0 gpa … size … hva … flags n backing</c>, numbers in hexadecimal.</summary>
    public static CapturedSlot Parse(string line)
    {
        string[] words = line.Split(' ', 13);
        Assert.Equal(["SLOT", "as", "gpa", "size", "hva", "flags"], words[..12].Where((_, i) => i % 2 == 0));
        return new CapturedSlot(Hex(words[5]), Hex(words[7]), Hex(words[9]), (int)Hex(words[11]), words[12]);
    }

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
