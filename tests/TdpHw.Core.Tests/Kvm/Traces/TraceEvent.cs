namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>One event of the kernel's trace; what an event of its kind does not say is 0.</summary>
internal readonly record struct TraceEvent
{
    // Exit qualification of an EPT violation. (Intel SDM vol. 3C, table 28-7.)
    private const ulong WriteBit = 1 << 1;
    private const ulong FetchBit = 1 << 2;
    private const ulong PermissionBits = 7 << 3;

    public required TraceEventKind Kind { get; init; }

    /// <summary>The line of the file, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The first guest frame of the entry.</summary>
    public ulong Gfn { get; init; }

    /// <summary>The entry's level, or the levels of the root.</summary>
    public int Level { get; init; }

    /// <summary>The entry before.</summary>
    public ulong Old { get; init; }

    /// <summary>The entry after, or the huge page's that is split.</summary>
    public ulong New { get; init; }

    /// <summary>A guest-physical address that was accessed, the place of an entry, or a root.</summary>
    public ulong Address { get; init; }

    /// <summary>The exit qualification of a fault.</summary>
    public ulong Qualification { get; init; }

    /// <summary>Whether the entry was mended.</summary>
    public bool IsFixed { get; init; }

    /// <summary>The memslots' generation.</summary>
    public ulong Generation { get; init; }

    /// <summary>The first host-virtual address.</summary>
    public ulong Start { get; init; }

    /// <summary>The end of the host-virtual addresses.</summary>
    public ulong End { get; init; }

    public bool IsWrite => (Qualification & WriteBit) != 0;

    public bool IsFetch => (Qualification & FetchBit) != 0;

    /// <summary>Whether the path allowed something, though not the access.</summary>
    public bool IsPresent => (Qualification & PermissionBits) != 0;
}
