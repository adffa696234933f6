using System.Collections.Immutable;
using System.Globalization;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Input;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Capabilities;

/// <summary>Sets capabilities from text: one by its name, or all that a whole hardware register tells.</summary>
internal static class CapabilitySetting
{
    /// <summary>Splits <c>name=value</c>.</summary>
    /// <exception cref="CapabilityException">There is no <c>=</c>, or no name before it.</exception>
    public static (string Name, string Value) Split(string setting)
    {
        int equals = setting.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (setting[..equals], setting[(equals + 1)..])
            : throw new CapabilityException($"'{setting}' is no setting: write name=value");
    }

    /// <summary>The values with one setting made.</summary>
    /// <param name="values">The values before.</param>
    /// <param name="name">A capability, or a register by any of its names.</param>
    /// <param name="value">
    /// For a flag true, false, 1 or 0; for a width a number; null where the hardware may do without; for a register what it
    /// reads.
    /// </param>
    /// <param name="others">Capabilities that could have been meant beside these, for the message.</param>
    /// <exception cref="CapabilityException">There is no such capability, or it does not take the value.</exception>
    public static CapabilityValues Apply(
        CapabilityValues values, string name, string value, ImmutableArray<CapabilityDescription> others = default)
    {
        int index = values.IndexOf(name);
        if (index < 0)
        {
            return ApplyRegister(values, name, value, others.IsDefault ? [] : others);
        }

        CapabilityDescription description = values.Descriptions[index];
        int? number = Parse(description, value);
        bool isAllowed = number is null
            ? description.Kind == CapabilityKind.OptionalWidth
            : number >= description.Minimum && number <= description.Maximum;
        return isAllowed
            ? values.With(name, number)
            : throw new CapabilityException($"'{name}' takes {Takes(description)}, not '{value}'");
    }

    /// <summary>Whether any capability of the format is called so or comes from a register called so.</summary>
    public static bool IsKnown(CapabilityValues values, string name) =>
        values.IndexOf(name) >= 0 || IsRegister(values, name);

    /// <summary>Whether any capability of the format comes from a register called so.</summary>
    public static bool IsRegister(CapabilityValues values, string name) => RegisterNames(values).Contains(name);

    /// <summary>What a capability takes, for messages and descriptions.</summary>
    public static string Takes(CapabilityDescription description) => description.Kind switch
    {
        CapabilityKind.Flag => "true or false",
        CapabilityKind.Width => Bounds(description),
        _ => $"{Bounds(description)} or null",
    };

    private static string Bounds(CapabilityDescription description) =>
        string.Create(CultureInfo.InvariantCulture, $"{description.Minimum} to {description.Maximum}");

    private static int? Parse(CapabilityDescription description, string value)
    {
        switch (value)
        {
            case "null":
                return null;
            case "true" when description.Kind == CapabilityKind.Flag:
                return 1;
            case "false" when description.Kind == CapabilityKind.Flag:
                return 0;
            default:
                // What is no number, or none of any capability, falls outside every capability's bounds.
                return NumberText.TryParse(value, out ulong number, out _) && number <= int.MaxValue ? (int)number : -1;
        }
    }

    private static CapabilityValues ApplyRegister(
        CapabilityValues values, string name, string value, ImmutableArray<CapabilityDescription> others)
    {
        if (!IsRegister(values, name))
        {
            IEnumerable<string> known = values.Descriptions.Select(d => d.Name)
                .Concat(RegisterNames(values))
                .Concat(others.Select(d => d.Name));
            throw new CapabilityException($"unknown capability '{name}'{Hint(name, known)}");
        }

        if (!NumberText.TryParse(value, out ulong raw, out string problem))
        {
            throw new CapabilityException($"register '{name}': '{value}' {problem}");
        }

        try
        {
            values.TryWithRegister(name, raw, out CapabilityValues told);
            return told;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new CapabilityException($"register '{name}': '{value}': {ArgumentMessage.Of(e)}");
        }
    }

    private static string Hint(string name, IEnumerable<string> known)
    {
        string hint = NearestName.Hint(name, known);
        return hint.Length != 0 ? hint
            : known.Any() ? $"; there are: {string.Join(", ", known)}"
            : "; the format has none";
    }

    private static IEnumerable<string> RegisterNames(CapabilityValues values) =>
        values.Descriptions
            .Where(d => d.From is not null)
            .SelectMany(d => d.From!.RegisterNames)
            .Distinct();
}
