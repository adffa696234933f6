using TdpHw.Cli.Overlays;
using TdpHw.Formats;

namespace TdpHw.Cli.Explaining;

/// <summary>Makes explainers for formats that are known by name only.</summary>
internal static class ExplainerSource
{
    /// <summary>An explainer for a format of the registry.</summary>
    public static EntryExplainer Create(FormatDescription format, Machine machine)
    {
        FormatRegistry.TryVisit(format.Id, new Visitor(machine), out EntryExplainer? explainer);
        return explainer!;
    }

    private sealed class Visitor(Machine machine) : IFormatVisitor<EntryExplainer>
    {
        public EntryExplainer Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            FormatRules<TFormat> rules = TFormat.RulesFor(machine.Capabilities);
            var levels = new LevelRules[rules.MaxLevel];
            for (int i = 0; i < levels.Length; i++)
            {
                levels[i] = rules[i + 1];
            }

            return new EntryExplainer(TFormat.Description, machine, levels);
        }
    }
}
