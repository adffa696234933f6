using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Core.Tests;

/// <summary>The real tables that the tests use.</summary>
internal static class Captures
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "captures", name);

    public static CaptureImage Open(string name) => CaptureImage.Open(PathOf(name));

    /// <summary>The roots of a capture under rules.</summary>
    public static IReadOnlyList<Root<TFormat>> RootsOf<TFormat>(CaptureImage image, FormatRules<TFormat> rules)
        where TFormat : struct, IPageTableFormat<TFormat> =>
        [.. image.Roots.Select(r => new Root<TFormat>(rules, r.Table, r.Levels))];

    /// <summary>A whole register that the capture holds.</summary>
    public static ulong Register(CaptureImage image, string name) =>
        Convert.ToUInt64(image.Parameters.Single(p => p.Name == name).Text[2..], 16);
}
