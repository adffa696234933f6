using System.Collections.Immutable;

namespace TdpHw.Formats;

/// <summary>
/// A value for each capability of a format, by name: for callers that learn the format and its capabilities at run time.
/// Immutable; each change gives a new one.
/// </summary>
public sealed class CapabilityValues
{
    private readonly int?[] _values;

    private CapabilityValues(ImmutableArray<CapabilityDescription> descriptions, int?[] values)
    {
        Descriptions = descriptions;
        _values = values;
    }

    /// <summary>The capabilities, in the order of the format's definition.</summary>
    public ImmutableArray<CapabilityDescription> Descriptions { get; }

    /// <summary>The value of the capability at <paramref name="index"/>; null for "does without".</summary>
    public int? this[int index] => _values[index];

    /// <summary>Every capability at its default.</summary>
    public static CapabilityValues Defaults(ImmutableArray<CapabilityDescription> descriptions)
    {
        var values = new int?[descriptions.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = descriptions[i].Default;
        }

        return new(descriptions, values);
    }

    /// <summary>The index of the capability called <paramref name="name"/>, or -1.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Descriptions.Length; i++)
        {
            if (Descriptions[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether a flag is on, or an optional width has a value.</summary>
    public bool IsOn(int index) => _values[index] is int value
        && (Descriptions[index].Kind != CapabilityKind.Flag || value != 0);

    /// <summary>The number of a width.</summary>
    /// <exception cref="InvalidOperationException">The hardware does without it.</exception>
    public int Number(int index) => _values[index]
        ?? throw new InvalidOperationException($"Capability '{Descriptions[index].Name}' has no value.");

    /// <summary>These values with the capability called <paramref name="name"/> set.</summary>
    /// <param name="name">The capability's name.</param>
    /// <param name="value">1 or 0 for a flag, the number for a width, null for "does without".</param>
    /// <exception cref="ArgumentException">There is no such capability.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one that it takes.</exception>
    public CapabilityValues With(string name, int? value)
    {
        int index = IndexOf(name);
        if (index < 0)
        {
            throw new ArgumentException(
                $"unknown capability '{name}'; there are: {string.Join(", ", Descriptions.Select(d => d.Name))}", nameof(name));
        }

        CapabilityDescription description = Descriptions[index];
        if (value is null ? description.Kind != CapabilityKind.OptionalWidth
            : value < description.Minimum || value > description.Maximum)
        {
            string allowed = $"{description.Minimum} to {description.Maximum}"
                + (description.Kind == CapabilityKind.OptionalWidth ? " or null" : "");
            throw new ArgumentOutOfRangeException(
                nameof(value),
                $"capability '{name}' takes {allowed}, not {value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}");
        }

        var values = (int?[])_values.Clone();
        values[index] = value;
        return new(Descriptions, values);
    }

    /// <summary>These values with everything set that a whole hardware register tells.</summary>
    /// <param name="register">One of the register's names.</param>
    /// <param name="raw">What the register reads.</param>
    /// <param name="values">The new values; the old ones when no capability comes from that register.</param>
    /// <returns>Whether any capability comes from a register of that name.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The register says a number that its capability does not take.</exception>
    public bool TryWithRegister(string register, ulong raw, out CapabilityValues values)
    {
        values = this;
        bool found = false;
        foreach (CapabilityDescription description in Descriptions)
        {
            if (description.From is RegisterField field && field.RegisterNames.Contains(register))
            {
                int read = field.Read(raw);

                // Hardware that does without a width has no number for it.
                values = values.With(
                    description.Name, read == 0 && description.Kind == CapabilityKind.OptionalWidth ? null : read);
                found = true;
            }
        }

        return found;
    }
}
