using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Makes explainers for formats that are known by name only.</summary>
internal static class ExplainerSource
{
    /// <summary>An explainer for a format of the registry.</summary>
    public static IEntryExplainer Create(FormatDescription format, Machine machine)
    {
        FormatRegistry.TryVisit(format.Id, new Visitor(machine), out IEntryExplainer? explainer);
        return explainer!;
    }

    private sealed class Visitor(Machine machine) : IFormatVisitor<IEntryExplainer>
    {
        public IEntryExplainer Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat> =>
            new EntryExplainer<TFormat>(TFormat.RulesFor(machine.Capabilities), machine.Overlay);
    }
}
