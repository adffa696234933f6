using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>Machines that differ in what they can do, few enough to try an entry on each.</summary>
internal static class MachineSettings
{
    /// <summary>
    /// A machine as given; the same with each capability changed by itself: a flag the other way, a width at both its ends, an
    /// optional one gone; and with all flags on, and all off.
    /// </summary>
    public static IEnumerable<CapabilityValues> Around(CapabilityValues usual)
    {
        HashSet<string> seen = [];
        return Candidates(usual).Where(c => seen.Add(string.Join(' ', c.Descriptions.Select((_, i) => c[i]))));
    }

    private static IEnumerable<CapabilityValues> Candidates(CapabilityValues usual)
    {
        yield return usual;
        foreach (CapabilityDescription capability in usual.Descriptions)
        {
            foreach (int? value in Others(capability))
            {
                yield return usual.With(capability.Name, value);
            }
        }

        yield return AllFlags(usual, 1);
        yield return AllFlags(usual, 0);
    }

    private static ImmutableArray<int?> Others(CapabilityDescription capability) => capability.Kind == CapabilityKind.OptionalWidth
        ? [null, capability.Minimum, capability.Maximum]
        : [capability.Minimum, capability.Maximum];

    private static CapabilityValues AllFlags(CapabilityValues values, int value) => values.Descriptions
        .Where(d => d.Kind == CapabilityKind.Flag)
        .Aggregate(values, (result, flag) => result.With(flag.Name, value));
}
