namespace TdpHw.Generators.Model;

/// <summary>A condition on capabilities: all of <paramref name="Needs"/> on, all of <paramref name="Unless"/> off.</summary>
internal sealed record ConditionSpec(EquatableArray<string> Needs, EquatableArray<string> Unless)
{
    public static readonly ConditionSpec Always = new(default, default);

    public bool IsAlways => Needs.Count == 0 && Unless.Count == 0;

    public IEnumerable<string> Capabilities => Needs.Concat(Unless);

    public bool Holds(ICollection<string> on) => Needs.All(on.Contains) && !Unless.Any(on.Contains);

    /// <summary>Whether exactly one of the two holds: each is on one capability, the other way round.</summary>
    public bool IsOpposite(ConditionSpec other) =>
        (Needs.Count == 1 && Unless.Count == 0 && other.Needs.Count == 0 && other.Unless.Equals(Needs))
        || (Unless.Count == 1 && Needs.Count == 0 && other.Unless.Count == 0 && other.Needs.Equals(Unless));

    /// <summary>Whether some capabilities meet it.</summary>
    public bool IsPossible => !Needs.Any(Unless.Contains);

    /// <summary>The conditions of which one holds where this one does not: one for each capability.</summary>
    public IEnumerable<ConditionSpec> Opposites => Needs
        .Select(n => new ConditionSpec(default, new[] { n }.ToEquatableArray()))
        .Concat(Unless.Select(u => new ConditionSpec(new[] { u }.ToEquatableArray(), default)));

    public ConditionSpec And(ConditionSpec other) => new(
        Needs.Concat(other.Needs).Distinct(StringComparer.Ordinal).ToEquatableArray(),
        Unless.Concat(other.Unless).Distinct(StringComparer.Ordinal).ToEquatableArray());
}
