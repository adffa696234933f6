using System.Collections.Immutable;
using System.Text.Json;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>What was measured, or why nothing was.</summary>
internal sealed record RatioRow
{
    private RatioRow(Goal goal, ImmutableDictionary<string, string> parameters)
    {
        Goal = goal;
        Parameters = parameters;
    }

    public Goal Goal { get; }

    /// <summary>Our time for one operation, in nanoseconds; null when the case was skipped, like all that is measured.</summary>
    public double? OursNs { get; private init; }

    /// <summary>The peer's time for one operation, in nanoseconds.</summary>
    public double? PeerNs { get; private init; }

    /// <summary>Our time divided by the peer's.</summary>
    public double? Ratio => OursNs / PeerNs;

    /// <summary>Whether the ratio is within the goal.</summary>
    public bool? IsMet => Ratio is { } ratio ? ratio <= Goal.Limit : null;

    /// <summary>What was measured on, and what else was; of a skipped case why.</summary>
    public ImmutableDictionary<string, string> Parameters { get; private init; }

    /// <summary>A row with two times, both of one operation.</summary>
    public static RatioRow Measured(Goal goal, double oursNs, double peerNs, params ReadOnlySpan<(string Name, string Value)> parameters) =>
        new(goal, Dictionary(parameters)) { OursNs = oursNs, PeerNs = peerNs };

    /// <summary>A row without times.</summary>
    public static RatioRow Skipped(Goal goal, string reason) => new(goal, Dictionary([("skipped", reason)]));

    /// <summary>The row with one more parameter.</summary>
    public RatioRow With(string name, string value) => this with { Parameters = Parameters.Add(name, value) };

    /// <summary>Writes the row as one JSON object.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("case", Goal.Case);
        WriteNumber("ours_ns", OursNs);
        json.WriteString("peer", Goal.Peer);
        WriteNumber("peer_ns", PeerNs);
        WriteNumber("ratio", Ratio);
        json.WriteNumber("goal", Goal.Limit);
        if (IsMet is { } isMet)
        {
            json.WriteBoolean("met", isMet);
        }
        else
        {
            json.WriteNull("met");
        }

        json.WriteStartObject("parameters");
        foreach ((string name, string value) in Parameters.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();

        void WriteNumber(string name, double? value)
        {
            if (value is { } number)
            {
                json.WriteNumber(name, Math.Round(number, 4));
            }
            else
            {
                json.WriteNull(name);
            }
        }
    }

    private static ImmutableDictionary<string, string> Dictionary(ReadOnlySpan<(string Name, string Value)> parameters)
    {
        ImmutableDictionary<string, string>.Builder dictionary = ImmutableDictionary.CreateBuilder<string, string>();
        foreach ((string name, string value) in parameters)
        {
            dictionary.Add(name, value);
        }

        return dictionary.ToImmutable();
    }
}
