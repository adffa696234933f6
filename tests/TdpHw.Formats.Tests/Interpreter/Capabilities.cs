namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>What a machine can do, by the names of a definition: a width in bits, or 0 and 1 for a flag.</summary>
internal sealed class Capabilities
{
    private readonly Dictionary<string, ulong> _values = [];

    /// <summary>Takes the defaults of the definition, then what is given.</summary>
    public Capabilities(IEnumerable<CapabilityRow> rows, IReadOnlyDictionary<string, ulong> given)
    {
        foreach (CapabilityRow row in rows)
        {
            if (given.TryGetValue(row.Name, out ulong value))
            {
                if (value < row.Least || value > row.Most)
                {
                    throw new ArgumentOutOfRangeException(
                        nameof(given), $"{row.Name} is {value}, not {row.Least} to {row.Most}.");
                }

                _values.Add(row.Name, value);
            }
            else if (row.Default is { } byDefault)
            {
                _values.Add(row.Name, byDefault);
            }
        }

        foreach (string name in given.Keys)
        {
            if (!rows.Any(row => row.Name == name))
            {
                throw new ArgumentException($"The definition has no capability '{name}'.", nameof(given));
            }
        }
    }

    /// <summary>The value, or null for an optional width that was not given.</summary>
    public ulong? this[string name] => _values.TryGetValue(name, out ulong value) ? value : null;

    public bool Flag(string name) => this[name] is { } value
        ? value != 0
        : throw new InvalidDataException($"The definition asks for a capability '{name}' that it does not declare.");
}
