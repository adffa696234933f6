using TdpHw.Mutation.Tests.Definitions;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>All that is known from outside, the quickest to refute a mutant first.</summary>
internal static class OutsideTruth
{
    private static readonly Capture[] Captures =
    [
        .. new[] { "ept-huge", "ept-noad", "ept-default", "vtd-ss-48", "vtd-ss-48-scalable", "npt-4level", "amdv1-3level" }.Select(name => new Capture(name)),
    ];

    public static IReadOnlyList<ITruth> All { get; } =
    [
        new LayoutTruth(),
        new FormatFactTruth("ept", "Ept"),
        new FormatFactTruth("vtd-ss", "VtdSecondStage"),
        new FormatFactTruth("x86-64", "X64"),
        new FormatFactTruth("npt", "Npt"),
        new FormatFactTruth("vtd-fs", "VtdFirstStage"),
        new EntryVectorTruth(EntryVectorFile.X64("decode_x86", "XD", "ADDR", "P", "PS"), "x86-64", "X64"),
        new EntryVectorTruth(EntryVectorFile.X64("decode_npt", "NX", "ADDR", "P", "PS"), "npt", "Npt"),
        new EntryVectorTruth(EntryVectorFile.X64("decode_vtdfs", "XD", "ADDR", "P", "PS", "-PK"), "vtd-fs", "VtdFirstStage"),
        ReservedTruth.X64,
        ReservedTruth.Npt,
        new KvmNptTruth(Captures),
        new FormatFactTruth("amdv1", "AmdV1"),
        new EntryVectorTruth(EntryVectorFile.AmdV1, "amdv1", "AmdV1"),
        new FormatFactTruth("armv8-s2", "ArmV8Stage2"),
        new EntryVectorTruth(EntryVectorFile.ArmV8Stage2, "armv8-s2", "ArmV8Stage2"),
        .. new[] { ("riscv-sv39x4", "RiscVSv39X4"), ("riscv-sv48x4", "RiscVSv48X4"), ("riscv-sv57x4", "RiscVSv57X4") }
            .SelectMany(f => (ITruth[])
            [
                new FormatFactTruth(f.Item1, f.Item2),
                new EntryVectorTruth(EntryVectorFile.RiscVGuestStage, f.Item1, f.Item2),
            ]),
        new DecodeTruth("decode_ept", "ept", "Ept"),
        new DecodeTruth("decode_vtdss", "vtd-ss", "VtdSecondStage"),
        ReservedTruth.Ept,
        ReservedTruth.VtdSecondStage,
        new KvmTruth(Captures),
        new CapabilityRegisterTruth(),
        new WalkTruth("ept", "ept_caps", "ept", "Ept"),
        new WalkTruth("vtdss", "vtd_caps", "vtd-ss", "VtdSecondStage"),
        .. Captures.Where(c => c.Format is not "npt").Select(c => new DeviceTruth(c)),
        .. Captures.Select(c => new CaptureTruth(c)),
    ];

    /// <summary>What refutes a world in which one definition is changed; null when nothing does.</summary>
    public static string? Refute(World world, string changed)
    {
        // What is said of a definition that extends the changed one speaks of the changed lines too.
        IReadOnlyList<string> family = world.Family(changed);
        foreach (ITruth truth in All)
        {
            if (!truth.About.Intersect(family).Any())
            {
                continue;
            }

            try
            {
                truth.Check(world);
            }
            catch (Exception e) when (e is DisagreementException or ArgumentException or KeyNotFoundException or InvalidDataException)
            {
                return $"{truth.Name}: {e.Message}";
            }
        }

        return null;
    }
}
