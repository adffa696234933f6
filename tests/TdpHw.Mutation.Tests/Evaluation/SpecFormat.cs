using System.Collections.Concurrent;
using System.Numerics;
using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>A bound format and the machines it can be resolved for.</summary>
internal sealed class SpecFormat(FormatSpec spec)
{
    private readonly ConcurrentDictionary<string, SpecRules> _rules = [];

    public FormatSpec Spec { get; } = spec;

    /// <summary>Every capability at its default.</summary>
    public Dictionary<string, int> Defaults() =>
        Spec.Capabilities.Where(c => c.Default is not null).ToDictionary(c => c.Name, c => c.Default!.Value);

    /// <summary>The rules of a machine; a capability that is not given has its default.</summary>
    /// <param name="given">What the machine can do, by name.</param>
    /// <exception cref="ArgumentException">There is no such capability, or it does not take that value.</exception>
    public SpecRules Resolve(IReadOnlyDictionary<string, int> given)
    {
        string key = string.Join(';', given.Select(g => $"{g.Key}={g.Value}"));
        if (_rules.TryGetValue(key, out SpecRules? rules))
        {
            return rules;
        }

        Dictionary<string, int> values = Defaults();
        foreach ((string name, int value) in given)
        {
            CapabilitySpec capability = Spec.Capabilities.FirstOrDefault(c => c.Name == name)
                ?? throw new ArgumentException($"{Spec.Id} has no capability '{name}'.", nameof(given));
            if (value < capability.Minimum || value > capability.Maximum)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(given), $"{name} takes {capability.Minimum} to {capability.Maximum}, not {value}.");
            }

            values[name] = value;
        }

        return _rules.GetOrAdd(key, _ => new SpecRules(Spec, values));
    }

    /// <summary>What a whole register tells of the capabilities.</summary>
    public Dictionary<string, int> ReadRegister(string register, ulong raw) => Spec.Capabilities
        .Where(c => c.From is not null && c.From.RegisterNames.Contains(register))
        .ToDictionary(c => c.Name, c => (int)((raw & c.From!.Mask) >> BitOperations.TrailingZeroCount(c.From.Mask)));
}
