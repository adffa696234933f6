using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace TdpHw.Formats;

/// <summary>
/// The verdicts of a level for every combination of the bits that any of its tests looks at, so that judging an entry is
/// gathering these bits and one lookup. Levels whose tests look at too many bits, and processors that gather slowly, have none.
/// </summary>
internal sealed class EntryVerdicts
{
    // 4096 verdicts are as much as a first-level cache may be asked to hold beside the tables.
    private const int MaxTestedBits = 12;

    private static readonly bool GathersFast = Bmi2.X64.IsSupported && !IsMicrocoded();

    private readonly EntryVerdict[] _verdicts;

    private EntryVerdicts(ulong testedBits, EntryVerdict[] verdicts)
    {
        TestedBits = testedBits;
        _verdicts = verdicts;
    }

    /// <summary>The bits that the verdict depends on.</summary>
    public ulong TestedBits { get; }

    /// <summary>Whether there are none but the bits that they would depend on.</summary>
    public bool IsEmpty => _verdicts.Length == 0;

    /// <summary>Gathers the verdicts of a level.</summary>
    /// <param name="rules">The level.</param>
    /// <param name="testedBits">The bits that its tests look at.</param>
    /// <returns>None but the bits where they are too many, or where gathering is slow.</returns>
    public static EntryVerdicts Of(LevelRules rules, ulong testedBits)
    {
        if (!GathersFast || BitOperations.PopCount(testedBits) > MaxTestedBits)
        {
            return new EntryVerdicts(testedBits, []);
        }

        var verdicts = new EntryVerdict[1 << BitOperations.PopCount(testedBits)];
        for (int i = 0; i < verdicts.Length; i++)
        {
            verdicts[i] = rules.JudgeByTests(Bmi2.X64.ParallelBitDeposit((ulong)i, testedBits));
        }

        return new EntryVerdicts(testedBits, verdicts);
    }

    /// <summary>Looks the verdict of an entry up.</summary>
    /// <returns>Whether it can be looked up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong entry, out EntryVerdict verdict)
    {
        if (Bmi2.X64.IsSupported)
        {
            ulong index = Bmi2.X64.ParallelBitExtract(entry, TestedBits);
            EntryVerdict[] verdicts = _verdicts;
            if (index < (ulong)verdicts.Length)
            {
                verdict = verdicts[index];
                return true;
            }
        }

        verdict = default;
        return false;
    }

    /// <summary>AMD's processors before family 19h gather by microcode, slower than the tests are.</summary>
    private static bool IsMicrocoded()
    {
        (_, int ebx, _, _) = X86Base.CpuId(0, 0);
        (int signature, _, _, _) = X86Base.CpuId(1, 0);
        int family = (signature >> 8 & 0xf) + ((signature >> 8 & 0xf) == 0xf ? signature >> 20 & 0xff : 0);
        bool isAmd = ebx == BitConverter.ToInt32("Auth"u8);
        return isAmd && family < 0x19;
    }
}
