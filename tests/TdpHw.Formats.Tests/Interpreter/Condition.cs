using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// What a row asks of an entry: all fields of <c>when</c> in their sets, and of <c>any</c> some non-zero or of <c>not</c> some
/// with another value.
/// </summary>
internal sealed record Condition(
    IReadOnlyList<(string Symbol, IReadOnlyList<ulong> Allowed)> When,
    IReadOnlyList<string> Any,
    IReadOnlyList<(string Symbol, ulong Value)> Not)
{
    public static Condition Read(YamlMap map)
    {
        var when = new List<(string, IReadOnlyList<ulong>)>();
        if (map.Has("when"))
        {
            foreach ((YamlNode key, YamlNode values) in ((YamlMappingNode)map.Node("when")).Children)
            {
                when.Add((((YamlScalarNode)key).Value!, [.. YamlNumbers.Values(values)]));
            }
        }

        var not = new List<(string, ulong)>();
        if (map.Has("not"))
        {
            foreach ((YamlNode key, YamlNode value) in ((YamlMappingNode)map.Node("not")).Children)
            {
                not.Add((((YamlScalarNode)key).Value!, YamlNumbers.Parse(((YamlScalarNode)value).Value!)));
            }
        }

        return new(when, map.Texts("any"), not);
    }

    /// <summary>The fields that the condition looks at.</summary>
    public IEnumerable<string> Symbols => When.Select(term => term.Symbol)
        .Concat(Any)
        .Concat(Not.Select(term => term.Symbol));

    /// <param name="valueOf">Reads a field of the entry by its symbol.</param>
    public bool Holds(Func<string, ulong> valueOf)
    {
        foreach ((string symbol, IReadOnlyList<ulong> allowed) in When)
        {
            if (!allowed.Contains(valueOf(symbol)))
            {
                return false;
            }
        }

        return (Any.Count == 0 && Not.Count == 0)
            || Any.Any(symbol => valueOf(symbol) != 0)
            || Not.Any(term => valueOf(term.Symbol) != term.Value);
    }
}
