using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// A mapping of a definition. Its reader names every key that it understands, so that a key which the interpreter would
/// overlook is an error: an oracle that ignores half a definition is worse than none.
/// </summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, YamlNode> _values = [];

    public YamlMap(YamlNode node, params ReadOnlySpan<string> known)
    {
        var mapping = (YamlMappingNode)node;
        foreach ((YamlNode keyNode, YamlNode value) in mapping.Children)
        {
            string key = ((YamlScalarNode)keyNode).Value!;
            if (!known.Contains(key))
            {
                throw new InvalidDataException($"The interpreter does not know the key '{key}' at {keyNode.Start}.");
            }

            _values.Add(key, value);
        }
    }

    /// <summary>Reads the one document of a definition.</summary>
    public static YamlNode Document(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents.Single().RootNode;
    }

    public bool Has(string key) => _values.ContainsKey(key);

    public YamlNode Node(string key) => _values.TryGetValue(key, out YamlNode? node)
        ? node
        : throw new InvalidDataException($"The key '{key}' is missing.");

    public string Text(string key) => ((YamlScalarNode)Node(key)).Value!;

    public string? TextOrNull(string key) => Has(key) ? Text(key) : null;

    public int Int32(string key) => (int)YamlNumbers.Parse(Text(key));

    /// <summary>The rows of a list; none when the key is missing, one when a scalar stands in its place.</summary>
    public IEnumerable<YamlNode> Rows(string key) => !Has(key)
        ? []
        : Node(key) is YamlSequenceNode sequence ? sequence.Children : [Node(key)];

    /// <summary>The rows of a list of words.</summary>
    public IReadOnlyList<string> Texts(string key) => [.. Rows(key).Select(row => ((YamlScalarNode)row).Value!)];
}
