using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Makes explainers for formats that are known by name only.</summary>
internal static class ExplainerSource
{
    /// <summary>An explainer for a format of the registry.</summary>
    public static IEntryExplainer Create(FormatDescription format, CapabilityValues capabilities, ChosenOverlay? overlay)
    {
        FormatRegistry.TryVisit(format.Id, new Visitor(capabilities, overlay), out IEntryExplainer? explainer);
        return explainer!;
    }

    private sealed class Visitor(CapabilityValues capabilities, ChosenOverlay? overlay) : IFormatVisitor<IEntryExplainer>
    {
        public IEntryExplainer Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat> =>
            new EntryExplainer<TFormat>(TFormat.RulesFor(capabilities), overlay);
    }
}
