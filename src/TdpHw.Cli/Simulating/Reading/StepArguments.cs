using System.Globalization;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>The arguments of a step, each read as what its verb takes there.</summary>
/// <remarks>Where a method takes a value for an omitted argument, it is optional; the others are needed.</remarks>
internal sealed class StepArguments
{
    private readonly string _owner;
    private readonly TextPlace _place;
    private readonly Dictionary<string, KeyValuePair<ScalarNode, ScenarioNode>> _given = [];

    /// <summary>Arguments by name.</summary>
    /// <param name="owner">What takes them, for messages: <c>'vm'</c>.</param>
    /// <param name="place">Where the owner stands.</param>
    /// <param name="entries">What is given.</param>
    /// <param name="names">What there is.</param>
    /// <exception cref="InputException">Something is given that there is not.</exception>
    public StepArguments(
        string owner, TextPlace place, IEnumerable<KeyValuePair<ScalarNode, ScenarioNode>> entries, IReadOnlyList<string> names)
    {
        (_owner, _place) = (owner, place);
        foreach (KeyValuePair<ScalarNode, ScenarioNode> entry in entries)
        {
            ScalarNode key = entry.Key;
            if (!names.Contains(key.Text))
            {
                throw key.Place.Malformed($"unknown argument {key.What} of {owner}{Hint(key.Text, names)}");
            }

            _given.Add(key.Text, entry);
        }
    }

    /// <summary>A single argument, given without its name.</summary>
    /// <param name="verb">The verb, which messages call it by.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value.</param>
    public StepArguments(ScalarNode verb, string name, ScalarNode value)
    {
        (_owner, _place) = (verb.What, verb.Place);
        _given.Add(name, new(verb, value));
    }

    /// <summary>Whether an argument is given.</summary>
    public bool Has(string name) => _given.ContainsKey(name);

    /// <summary>Whether an argument is given as no value.</summary>
    public bool IsNull(string name) =>
        _given.TryGetValue(name, out KeyValuePair<ScalarNode, ScenarioNode> given) && given.Value is ScalarNode { IsNull: true };

    /// <summary>A number.</summary>
    public ulong Number(string name) => Number(name, ulong.MinValue, ulong.MaxValue);

    /// <summary>A number, or <paramref name="omitted"/>.</summary>
    public ulong Number(string name, ulong omitted) => Has(name) ? Number(name) : omitted;

    /// <summary>A number within bounds.</summary>
    public ulong Number(string name, ulong least, ulong most)
    {
        (ScalarNode key, ScalarNode value) = Scalar(name, "a number");
        if (!ScenarioNumber.TryParse(value.Text, out ulong number, out string problem))
        {
            throw value.Place.Malformed($"{key.What}: {value.What} {problem}");
        }

        return number >= least && number <= most
            ? number
            : throw value.Place.Malformed(string.Create(
                CultureInfo.InvariantCulture, $"{key.What} takes {least} to {most}, not {value.What}"));
    }

    /// <summary>A small number within bounds, or <paramref name="omitted"/>.</summary>
    public int Number(string name, int least, int most, int omitted) => Has(name) ? Number(name, least, most) : omitted;

    /// <summary>A small number within bounds, or null when it is given as no value or omitted.</summary>
    public int? NumberOrNull(string name, int least, int most) =>
        Has(name) && !IsNull(name) ? Number(name, least, most) : null;

    /// <summary>A flag, or <paramref name="omitted"/>.</summary>
    public bool Flag(string name, bool omitted = false) => Has(name) ? NeededFlag(name) : omitted;

    /// <summary>A flag that must be given.</summary>
    public bool NeededFlag(string name)
    {
        (ScalarNode key, ScalarNode value) = Scalar(name, "true or false");

        // The spellings of YAML 1.2, 10.3.2 "Tag Resolution".
        return value.Text switch
        {
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ => throw value.Place.Malformed(
                $"{key.What} takes true or false, not {value.What}{NearestName.Hint(value.Text, ["true", "false"])}"),
        };
    }

    /// <summary>What one of some words stands for.</summary>
    public T Word<T>(string name, params ReadOnlySpan<(string Word, T Value)> words)
    {
        string[] known = new string[words.Length];
        for (int i = 0; i < words.Length; i++)
        {
            known[i] = words[i].Word;
        }

        string choice = string.Join(", ", known[..^1]) + $" or {known[^1]}";
        (ScalarNode key, ScalarNode value) = Scalar(name, choice);
        int found = Array.IndexOf(known, value.Text);
        return found >= 0
            ? words[found].Value
            : throw value.Place.Malformed($"{key.What} takes {choice}, not {value.What}{NearestName.Hint(value.Text, known)}");
    }

    /// <summary>What one of some words stands for, or <paramref name="omitted"/>.</summary>
    public T WordOr<T>(string name, T omitted, params ReadOnlySpan<(string Word, T Value)> words) =>
        Has(name) ? Word(name, words) : omitted;

    /// <summary>The level of a size of pages, from <paramref name="least"/> to 3, or null when it is omitted.</summary>
    public int? PageLevel(string name, int least = 1)
    {
        if (!Has(name))
        {
            return null;
        }

        string choice = least == 1 ? "4k, 2m or 1g" : "2m or 1g";
        (ScalarNode key, ScalarNode value) = Scalar(name, choice);
        int level = ScenarioNumber.TryParse(value.Text, out ulong size, out _)
            ? size switch { 1ul << 12 => 1, 1ul << 21 => 2, 1ul << 30 => 3, _ => 0 }
            : 0;
        return level >= least ? level : throw value.Place.Malformed($"{key.What} takes {choice}, not {value.What}");
    }

    /// <summary>A device.</summary>
    public DeviceAddress Device(string name)
    {
        (ScalarNode key, ScalarNode value) = Scalar(name, "a device");
        return DeviceAddress.TryParse(value.Text, out DeviceAddress device)
            ? device
            : throw value.Place.Malformed($"{key.What}: {value.What} is no device: write bus:device.function, such as 00:03.0");
    }

    /// <summary>The name that the scenario gives to something, or null when it is omitted.</summary>
    public string? Name(string name)
    {
        const int MaxLength = 64;
        if (!Has(name))
        {
            return null;
        }

        (ScalarNode key, ScalarNode value) = Scalar(name, "a name");
        return value.Text.Length is > 0 and <= MaxLength && !value.IsNull && !value.Text.Any(char.IsControl)
            ? value.Text
            : throw value.Place.Malformed(string.Create(
                CultureInfo.InvariantCulture, $"{key.What} takes a name of 1 to {MaxLength} characters, not {value.What}"));
    }

    /// <summary>A list of at least one item, each with arguments of its own.</summary>
    /// <param name="name">The list's name.</param>
    /// <param name="item">What an item is, for messages.</param>
    /// <param name="names">What an item takes.</param>
    public IEnumerable<StepArguments> List(string name, string item, IReadOnlyList<string> names)
    {
        KeyValuePair<ScalarNode, ScenarioNode> given = Given(name);
        if (given.Value is not ListNode { Items.Count: > 0 } list)
        {
            throw given.Value.Place.Malformed(
                $"{given.Key.What} takes a list, not {(given.Value is ListNode ? "an empty one" : given.Value.What)}");
        }

        return list.Items.Select(i => i is MapNode map
            ? new StepArguments(item, map.Place, map.Entries, names)
            : throw i.Place.Malformed($"{item} takes {string.Join(", ", names)} by name, not {i.What}"));
    }

    /// <summary>Refuses two arguments together.</summary>
    public void Exclude(string first, string second)
    {
        if (Has(first) && Has(second))
        {
            throw _given[second].Key.Place.Malformed($"'{first}' and '{second}' exclude each other");
        }
    }

    private int Number(string name, int least, int most) => (int)Number(name, (ulong)least, (ulong)most);

    private KeyValuePair<ScalarNode, ScenarioNode> Given(string name) =>
        _given.TryGetValue(name, out KeyValuePair<ScalarNode, ScenarioNode> given)
            ? given
            : throw _place.Malformed(_owner == $"'{name}'" ? $"{_owner} needs a value" : $"{_owner} needs '{name}'");

    private (ScalarNode Key, ScalarNode Value) Scalar(string name, string wanted)
    {
        (ScalarNode key, ScenarioNode node) = Given(name);
        return node is ScalarNode { IsEmpty: false } scalar
            ? (key, scalar)
            : throw (node is ScalarNode ? key : node).Place.Malformed($"{key.What} takes {wanted}, not {node.What}");
    }

    private static string Hint(string name, IReadOnlyList<string> names)
    {
        string nearest = NearestName.Hint(name, names);
        return nearest.Length != 0 ? nearest
            : names.Count == 0 ? "; it takes none by name"
            : $"; there are: {string.Join(", ", names)}";
    }
}
