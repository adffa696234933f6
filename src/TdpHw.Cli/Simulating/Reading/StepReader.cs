using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>Reads the steps of a scenario.</summary>
/// <param name="number">The step's number.</param>
internal sealed class StepReader(long number)
{
    private const string LostRace = "lost";
    private const string Moment = "during";

    // What can happen in the middle of something else. What makes things with numbers can't: nobody would know them.
    private static readonly string[] Racing =
    [
        "zap", "memslot_delete", "write_track", "poison", "access", "age", "write_protect", "split", "collapse", "nx_recover",
    ];

    /// <summary>Reads a step.</summary>
    /// <exception cref="InputException">It is malformed.</exception>
    public ScenarioStep Read(ScenarioNode node)
    {
        (ScalarNode verb, ScenarioNode? value) = Split(node);
        var origin = new StepOrigin(number, verb.Text, verb.Place);
        if (verb.Text == StepVerbs.Race)
        {
            return ReadRace(origin, verb, value);
        }

        StepVerb known = StepVerbs.Find(verb.Text)
            ?? throw verb.Place.Malformed($"unknown verb {verb.What}{Hint(verb.Text)}");
        return known.Read(origin, Arguments(known, verb, value));
    }

    // "mode:strict" is one word to YAML.
    private static string Hint(string word) => word.Contains(':', StringComparison.Ordinal)
        ? "; a space follows the colon behind a verb"
        : NearestName.Hint(word, StepVerbs.Names);

    private static (ScalarNode Verb, ScenarioNode? Value) Split(ScenarioNode node)
    {
        switch (node)
        {
            case ScalarNode { IsEmpty: false, IsNull: false } alone:
                return (alone, null);
            case MapNode { Entries: [var only] }:
                return (only.Key, only.Value is ScalarNode { IsEmpty: true } ? null : only.Value);
            case MapNode { Entries: [var first, var second, ..] }:
                bool isArgument = StepVerbs.Find(first.Key.Text)?.Arguments.Contains(second.Key.Text) == true;
                throw second.Key.Place.Malformed(isArgument
                    ? $"{second.Key.What} is an argument of {first.Key.What}: indent it deeper"
                    : $"{second.Key.What} is a second verb: a step has one, and each starts with '- '");
            default:
                string what = node switch { MapNode => "nothing", _ => node.What };
                throw node.Place.Malformed($"a step is a verb with its arguments, not {what}");
        }
    }

    private static StepArguments Arguments(StepVerb known, ScalarNode verb, ScenarioNode? value)
    {
        switch (value)
        {
            case null:
            case ScalarNode { IsNull: true } when known.Only is null:
                return new StepArguments(verb.What, verb.Place, [], known.Arguments);
            case MapNode map:
                return new StepArguments(verb.What, verb.Place, map.Entries, known.Arguments);
            case ScalarNode scalar when known.Only is string only:
                return new StepArguments(verb, only, scalar);
            default:
                throw value.Place.Malformed(known.Arguments.Length == 0
                    ? $"{verb.What} takes no such argument as {value.What}"
                    : $"{verb.What} takes arguments by name ({string.Join(", ", known.Arguments)}), not {value.What}");
        }
    }

    private RaceStep ReadRace(StepOrigin origin, ScalarNode race, ScenarioNode? value)
    {
        if (value is ScalarNode { Text: LostRace })
        {
            return new RaceStep(origin, RaceMoment.Fault, null);
        }

        if (value is not MapNode map)
        {
            throw (value ?? race).Place.Malformed(
                $"{race.What} takes {LostRace} or a step with its arguments, not {value?.What ?? "nothing"}");
        }

        KeyValuePair<ScalarNode, ScenarioNode>[] moments = [.. map.Entries.Where(e => e.Key.Text == Moment)];
        RaceMoment moment = new StepArguments(race.What, race.Place, moments, [Moment])
            .WordOr(Moment, RaceMoment.Fault, ("fault", RaceMoment.Fault), ("destroy", RaceMoment.Destroy));
        ScenarioStep nested = Read(new MapNode(map.Place, [.. map.Entries.Except(moments)]));
        return Racing.Contains(nested.Origin.Verb)
            ? new RaceStep(origin, moment, nested)
            : throw nested.Origin.Place.Malformed($"{race.What} takes {string.Join(", ", Racing)}, not '{nested.Origin.Verb}'");
    }
}
