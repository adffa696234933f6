using System.Globalization;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Devices;

/// <summary>The words of answers about devices. Scripts rely on them.</summary>
internal static class DeviceWords
{
    /// <summary>How requests are translated.</summary>
    public static string Of(VtdTranslationKind kind) => kind switch
    {
        VtdTranslationKind.SecondStage => "second-stage",
        VtdTranslationKind.FirstStage => "first-stage",
        VtdTranslationKind.Nested => "nested",
        VtdTranslationKind.PassThrough => "pass-through",
        _ => "blocked",
    };

    /// <summary>A fault reason as kernels print it: <c>0x05</c>.</summary>
    public static string Of(VtdFaultReason reason) => string.Create(CultureInfo.InvariantCulture, $"0x{(int)reason:x2}");

    /// <summary>What a fault reason means; a code that no manual lists means nothing known.</summary>
    public static string MeaningOf(VtdFaultReason reason) =>
        VtdFaultReasons.TryExplain(reason, out VtdFaultReasons.Explanation known) ? known.Meaning : "a reason that is not known";
}
