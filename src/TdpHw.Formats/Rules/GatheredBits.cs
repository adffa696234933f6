using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>Some bits of an entry moved next to each other, which numbers all combinations of them from 0 on.</summary>
internal readonly struct GatheredBits
{
    // Beyond three shifts the tests that a number saves are as fast.
    private const int MaxRuns = 3;

    private static readonly bool GathersAtOnce = Bmi2.X64.IsSupported && !IsMicrocoded();

    private readonly ulong _bits;
    private readonly Run _first;
    private readonly Run _second;
    private readonly Run _third;

    /// <summary>Prepares gathering.</summary>
    /// <param name="bits">The bits, of which <see cref="CanGather"/> says that they can be gathered.</param>
    public GatheredBits(ulong bits)
    {
        _bits = bits;
        int place = 0;
        _first = Run.TakeLowest(ref bits, ref place);
        _second = Run.TakeLowest(ref bits, ref place);
        _third = Run.TakeLowest(ref bits, ref place);
    }

    /// <summary>How many bits there are.</summary>
    public int Count => BitOperations.PopCount(_bits);

    /// <summary>Whether <paramref name="bits"/> are gathered fast on this processor: all are where it has an instruction for it.</summary>
    public static bool CanGather(ulong bits) => GathersAtOnce || RunsIn(bits) <= MaxRuns;

    /// <summary>The number of the combination that <paramref name="entry"/> has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Gather(ulong entry) => GathersAtOnce
        ? Bmi2.X64.ParallelBitExtract(entry, _bits)
        : GatherByShifts(entry);

    /// <summary>The same where no instruction does it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong GatherByShifts(ulong entry) => _first.MoveDown(entry) | _second.MoveDown(entry) | _third.MoveDown(entry);

    /// <summary>The entry that has the combination of a number and no other bit.</summary>
    public ulong Scatter(ulong number)
    {
        ulong entry = 0;
        for (ulong bits = _bits; bits != 0; bits &= bits - 1, number >>= 1)
        {
            entry |= (number & 1) << BitOperations.TrailingZeroCount(bits);
        }

        return entry;
    }

    private static int RunsIn(ulong bits) => BitOperations.PopCount(bits & ~(bits << 1));

    /// <summary>AMD's processors before family 19h gather by microcode, slower than shifts do.</summary>
    private static bool IsMicrocoded()
    {
        (_, int ebx, _, _) = X86Base.CpuId(0, 0);
        (int signature, _, _, _) = X86Base.CpuId(1, 0);
        int family = (signature >> 8 & 0xf) + ((signature >> 8 & 0xf) == 0xf ? signature >> 20 & 0xff : 0);
        bool isAmd = ebx == BitConverter.ToInt32("Auth"u8);
        return isAmd && family < 0x19;
    }

    /// <summary>Neighbouring bits.</summary>
    /// <param name="shift">How far they are moved down.</param>
    /// <param name="mask">Where they are then.</param>
    private readonly struct Run(int shift, ulong mask)
    {
        private readonly int _shift = shift;
        private readonly ulong _mask = mask;

        /// <summary>Takes the lowest run out of <paramref name="bits"/>, to be moved to <paramref name="place"/>, which then lies above it.</summary>
        /// <returns>A run that moves nothing when there is none.</returns>
        public static Run TakeLowest(ref ulong bits, ref int place)
        {
            if (bits == 0)
            {
                return default;
            }

            int start = BitOperations.TrailingZeroCount(bits);
            int length = BitOperations.TrailingZeroCount(~(bits >> start));
            ulong mask = (ulong.MaxValue >> (64 - length)) << place;
            int shift = start - place;
            bits &= ~(mask << shift);
            place += length;
            return new(shift, mask);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public ulong MoveDown(ulong entry) => entry >> _shift & _mask;
    }
}
