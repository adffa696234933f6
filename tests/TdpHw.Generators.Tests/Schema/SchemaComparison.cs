using System.Text.Json;
using TdpHw.Generators.Parsing;

namespace TdpHw.Generators.Tests.Schema;

/// <summary>Walks the schema and the parser's shapes side by side and gathers where they say different things.</summary>
internal sealed class SchemaComparison(JsonElement root)
{
    private readonly List<string> _differences = [];

    /// <summary>The paths of all keys that were compared.</summary>
    public HashSet<string> Compared { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Differences => _differences;

    public void Compare(string path, JsonElement schema, ValueShape shape)
    {
        schema = Resolve(schema);
        switch (shape)
        {
            case MapShape map:
                CompareMap(path, schema, map);
                break;
            case DictionaryShape dictionary:
                CompareDictionary(path, schema, dictionary);
                break;
            case ListShape list:
                Require(path, "array", Type(schema));
                Compare(path + "[]", schema.GetProperty("items"), list.Item);
                break;
            case OneOrMoreShape more:
                JsonElement[] either = [.. schema.GetProperty("anyOf").EnumerateArray()];
                Require(path, "2", either.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Compare(path, either[0], more.Item);
                Require(path, "array", Type(either[1]));
                Require(path, "1", either[1].GetProperty("minItems").GetRawText());
                Compare(path + "[]", either[1].GetProperty("items"), more.Item);
                break;
            case WordShape { Choices: ["true", "false"] }:
                Require(path, "boolean", Type(schema));
                break;
            case WordShape words:
                Require(path, string.Join(' ', words.Choices), Words(schema));
                break;
            default:
                CompareScalar(path, schema, shape);
                break;
        }
    }

    private void CompareMap(string path, JsonElement schema, MapShape map)
    {
        Require(path, "object", Type(schema));
        Require(path, "False", schema.GetProperty("additionalProperties").ToString());
        JsonElement properties = schema.GetProperty("properties");
        Require(path, Sorted(map.Keys.Select(k => k.Name)), Sorted(properties.EnumerateObject().Select(p => p.Name)));
        string required = schema.TryGetProperty("required", out JsonElement list) ? Sorted(list.EnumerateArray().Select(r => r.GetString()!)) : "";
        Require(path + " required", Sorted(map.Keys.Where(k => k.IsRequired && !k.IsInheritable).Select(k => k.Name)), required);
        if (map.Keys.Any(k => k.IsInheritable))
        {
            JsonElement[] either = [.. schema.GetProperty("anyOf").EnumerateArray().Select(e => e.GetProperty("required"))];
            Require(path + " without base", DefinitionShapes.Extends, Sorted(either[0].EnumerateArray().Select(r => r.GetString()!)));
            Require(
                path + " required of a base",
                Sorted(map.Keys.Where(k => k.IsInheritable).Select(k => k.Name)),
                Sorted(either[1].EnumerateArray().Select(r => r.GetString()!)));
        }

        foreach (KeyShape key in map.Keys)
        {
            if (!properties.TryGetProperty(key.Name, out JsonElement property))
            {
                continue;
            }

            string at = $"{path}.{key.Name}";
            Compared.Add(at);
            if (!HasDescription(property))
            {
                _differences.Add($"{at}: no description");
            }

            // In the schema each kind knows its own word only: that is how an editor tells the kinds apart.
            if (key.Name == "kind" && path.IndexOf('.', StringComparison.Ordinal) < 0)
            {
                Require(at, path, Words(property));
            }
            else
            {
                Compare(at, property, key.Value);
            }
        }
    }

    private void CompareDictionary(string path, JsonElement schema, DictionaryShape dictionary)
    {
        Require(path, "object", Type(schema));
        JsonElement value = schema.TryGetProperty("patternProperties", out JsonElement patterns)
            ? patterns.EnumerateObject().Single().Value
            : schema.GetProperty("additionalProperties");
        Compare(path + ".*", value, dictionary.Value);
    }

    private void CompareScalar(string path, JsonElement schema, ValueShape shape)
    {
        string[] types = schema.TryGetProperty("anyOf", out JsonElement either) ? [.. either.EnumerateArray().Select(Type)]
            : schema.TryGetProperty("enum", out JsonElement values) ? [.. values.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number ? "integer" : "string")]
            : [Type(schema)];
        bool isText = shape == ValueShape.Text || shape == ValueShape.Name;
        if (types.Any(type => type != "string" && (isText || type != "integer")))
        {
            _differences.Add($"{path}: {shape.Label} is {string.Join(" or ", types)} in the schema");
        }
    }

    private JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = root.GetProperty("definitions").GetProperty(reference.GetString()!["#/definitions/".Length..]);
        }

        return schema;
    }

    private bool HasDescription(JsonElement property) =>
        (property.TryGetProperty("description", out JsonElement text) || Resolve(property).TryGetProperty("description", out text))
        && text.GetString() is { Length: > 5 };

    private void Require(string path, string parser, string schema)
    {
        if (parser != schema)
        {
            _differences.Add($"{path}: the parser has '{parser}', the schema '{schema}'");
        }
    }

    private string Type(JsonElement schema) => Resolve(schema).TryGetProperty("type", out JsonElement type) ? type.GetString()! : "nothing";

    private string Words(JsonElement schema) => Resolve(schema).TryGetProperty("enum", out JsonElement words)
        ? string.Join(' ', words.EnumerateArray().Select(w => w.ToString()))
        : "nothing";

    private static string Sorted(IEnumerable<string> words) => string.Join(' ', words.Order(StringComparer.Ordinal));
}
