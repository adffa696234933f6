using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>The answer of a walk: how it ended, at which entry, and what the path granted.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct WalkResult
{
    // Four words, so that the compiler keeps an answer in registers and stores it with as many stores, and a vector register holds it.
    private readonly ulong _entry;
    private readonly HostPhysicalAddress _entryAddress;
    private readonly HostPhysicalAddress _output;
    private readonly ulong _flags;

    /// <summary>Puts an answer together.</summary>
    /// <param name="outcome">How the walk ended.</param>
    /// <param name="level">The level of the entry it ended at; 0 when no entry was asked for.</param>
    /// <param name="rights">The rights along the path.</param>
    /// <param name="entry">The entry it ended at; 0 when it could not be read.</param>
    /// <param name="entryAddress">Where that entry lies.</param>
    /// <param name="output">What the address translates to, when a well-formed leaf was reached; otherwise address 0.</param>
    /// <param name="pageShift">The leaf maps 2 to this power bytes; 0 when no well-formed leaf was reached.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WalkResult(
        WalkOutcome outcome,
        byte level,
        Rights rights,
        ulong entry,
        HostPhysicalAddress entryAddress,
        HostPhysicalAddress output,
        byte pageShift)
    {
        _entry = entry;
        _entryAddress = entryAddress;
        _output = output;
        _flags = (ulong)outcome | (ulong)level << 8 | (ulong)rights << 16 | (ulong)pageShift << 24;
    }

    /// <summary>Puts an answer together from the <see cref="Flags"/> of another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal WalkResult(ulong entry, HostPhysicalAddress entryAddress, HostPhysicalAddress output, ulong flags)
    {
        _entry = entry;
        _entryAddress = entryAddress;
        _output = output;
        _flags = flags;
    }

    /// <summary>How the walk ended.</summary>
    public WalkOutcome Outcome
    {
        get => (WalkOutcome)(byte)_flags;
        init => _flags = (_flags & ~0xfful) | (ulong)value;
    }

    /// <summary>The level of the entry it ended at; 0 when no entry was asked for.</summary>
    public byte Level
    {
        get => (byte)(_flags >> 8);
        init => _flags = (_flags & ~0xff00ul) | (ulong)value << 8;
    }

    /// <summary>
    /// The rights along the path. This entry's are included unless it is not present, malformed or unread.
    /// </summary>
    public Rights Rights
    {
        get => (Rights)(byte)(_flags >> 16);
        init => _flags = (_flags & ~0xff_0000ul) | (ulong)value << 16;
    }

    /// <summary>The entry it ended at; 0 when it could not be read.</summary>
    public ulong Entry
    {
        get => _entry;
        init => _entry = value;
    }

    /// <summary>Where that entry lies.</summary>
    public HostPhysicalAddress EntryAddress
    {
        get => _entryAddress;
        init => _entryAddress = value;
    }

    /// <summary>What the address translates to, when a well-formed leaf was reached; otherwise address 0.</summary>
    public HostPhysicalAddress Output
    {
        get => _output;
        init => _output = value;
    }

    /// <summary>The leaf maps 2 to this power bytes; 0 when no well-formed leaf was reached.</summary>
    public byte PageShift
    {
        get => (byte)(_flags >> 24);
        init => _flags = (_flags & ~0xff00_0000ul) | (ulong)value << 24;
    }

    /// <summary>Whether the address is mapped and the access allowed.</summary>
    public bool IsMapped => Outcome == WalkOutcome.Mapped;

    /// <summary>How many bytes the leaf maps; 0 when no well-formed leaf was reached.</summary>
    public ulong PageSize => PageShift == 0 ? 0 : 1ul << PageShift;

    /// <summary>The answer for an address that the root does not cover.</summary>
    public static WalkResult TooWide { get; } = new(WalkOutcome.AddressTooWide, 0, Rights.None, 0, default, default, 0);

    /// <summary>The answer for a walk that ended without a translation.</summary>
    public static WalkResult Stopped(
        WalkOutcome outcome, int level, Rights rights, ulong entry, ulong entryAddress) =>
        new(outcome, (byte)level, rights, entry, new(entryAddress), default, 0);

    /// <summary>The answer for a walk that reached a well-formed leaf.</summary>
    public static WalkResult Reached(
        int level, Rights rights, Access access, ulong entry, ulong entryAddress, ulong output, int pageShift) =>
        new(
            (rights & access.Needed()) == access.Needed() ? WalkOutcome.Mapped : WalkOutcome.PermissionDenied,
            (byte)level,
            rights,
            entry,
            new(entryAddress),
            new(output),
            (byte)pageShift);

    /// <summary>The outcome, the level, the rights and the page's size in one word.</summary>
    internal ulong Flags => _flags;

    /// <summary>Writes four answers, of which each lane has one.</summary>
    /// <param name="entries">The entries that they ended at.</param>
    /// <param name="entryAddresses">Where those lie.</param>
    /// <param name="outputs">What the addresses translate to.</param>
    /// <param name="flags">Their <see cref="Flags"/>.</param>
    /// <param name="results">The first of four in a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreFour(
        Vector256<ulong> entries,
        Vector256<ulong> entryAddresses,
        Vector256<ulong> outputs,
        Vector256<ulong> flags,
        ref WalkResult results)
    {
        if (!Avx2.IsSupported)
        {
            for (int i = 0; i < Vector256<ulong>.Count; i++)
            {
                Unsafe.Add(ref results, i) = new WalkResult(entries[i], new(entryAddresses[i]), new(outputs[i]), flags[i]);
            }

            return;
        }

        // The lanes are the columns of a square whose rows are the answers.
        const byte LowHalves = 0x20;
        const byte HighHalves = 0x31;
        Vector256<ulong> evenEntries = Avx2.UnpackLow(entries, entryAddresses);
        Vector256<ulong> oddEntries = Avx2.UnpackHigh(entries, entryAddresses);
        Vector256<ulong> evenOutputs = Avx2.UnpackLow(outputs, flags);
        Vector256<ulong> oddOutputs = Avx2.UnpackHigh(outputs, flags);
        ref ulong words = ref Unsafe.As<WalkResult, ulong>(ref results);
        Avx2.Permute2x128(evenEntries, evenOutputs, LowHalves).StoreUnsafe(ref words);
        Avx2.Permute2x128(oddEntries, oddOutputs, LowHalves).StoreUnsafe(ref words, 4);
        Avx2.Permute2x128(evenEntries, evenOutputs, HighHalves).StoreUnsafe(ref words, 8);
        Avx2.Permute2x128(oddEntries, oddOutputs, HighHalves).StoreUnsafe(ref words, 12);
    }
}
