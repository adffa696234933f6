using TdpHw.Formats;

namespace TdpHw.Cli.Matrix;

/// <summary>Machines that differ from the usual one in what is there and what is not.</summary>
internal static class FlagSettings
{
    /// <summary>A machine with one flag the other way, for each of its flags.</summary>
    public static IEnumerable<CapabilityValues> OneChanged(CapabilityValues values) => values.Descriptions
        .Where(d => d.Kind == CapabilityKind.Flag)
        .Select(d => values.With(d.Name, values.IsOn(values.IndexOf(d.Name)) ? 0 : 1));

    /// <summary>How many flags are not as usual.</summary>
    public static int CountChanges(CapabilityValues values) => Changed(values).Count();

    /// <summary>The flags that are not as usual.</summary>
    public static IEnumerable<(string Name, bool IsOn)> Changed(CapabilityValues values)
    {
        for (int i = 0; i < values.Descriptions.Length; i++)
        {
            CapabilityDescription capability = values.Descriptions[i];
            if (capability.Kind == CapabilityKind.Flag && values[i] != capability.Default)
            {
                yield return (capability.Name, values.IsOn(i));
            }
        }
    }
}
