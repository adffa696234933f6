using TdpHw.Mutation.Tests.Definitions;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>All that is known from outside, the quickest to refute a mutant first.</summary>
internal static class OutsideTruth
{
    private static readonly Capture[] Captures =
    [
        .. new[] { "ept-huge", "ept-noad", "ept-default", "vtd-ss-48", "vtd-ss-48-scalable" }.Select(name => new Capture(name)),
    ];

    public static IReadOnlyList<ITruth> All { get; } =
    [
        new LayoutTruth(),
        new FormatFactTruth("ept", "Ept"),
        new FormatFactTruth("vtd-ss", "VtdSecondStage"),
        new DecodeTruth("decode_ept", "ept", "Ept"),
        new DecodeTruth("decode_vtdss", "vtd-ss", "VtdSecondStage"),
        ReservedTruth.Ept,
        ReservedTruth.VtdSecondStage,
        new KvmTruth(Captures),
        new CapabilityRegisterTruth(),
        new WalkTruth("ept", "ept_caps", "ept", "Ept"),
        new WalkTruth("vtdss", "vtd_caps", "vtd-ss", "VtdSecondStage"),
        .. Captures.Select(c => new DeviceTruth(c)),
        .. Captures.Select(c => new CaptureTruth(c)),
    ];

    /// <summary>What refutes a world in which one definition is changed; null when nothing does.</summary>
    public static string? Refute(World world, string changed)
    {
        foreach (ITruth truth in All)
        {
            if (!truth.About.Contains(changed))
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
