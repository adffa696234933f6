using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>The machines that formats are tested on. A new format comes in by being registered.</summary>
internal static class Machines
{
    /// <summary>Test data: the id of every registered format.</summary>
    public static TheoryData<string> FormatIds => [.. RegisteredFormats.All.Select(format => format.Id)];

    /// <summary>Test data: the formats whose walks go through tables below the root.</summary>
    public static TheoryData<string> FormatIdsWithTables =>
        [.. RegisteredFormats.All.Select(format => format.Id).Where(id => Richest(id).Deepest.Levels > 1)];

    /// <summary>Test data: the formats with tables that lead to tables, below the root.</summary>
    public static TheoryData<string> FormatIdsOfThreeLevels =>
        [.. RegisteredFormats.All.Select(format => format.Id).Where(id => Richest(id).Deepest.Levels > 2)];

    /// <summary>The machine on which every capability has its default.</summary>
    public static Machine Default(string formatId) => With(formatId, []);

    /// <summary>The machine with the deepest walk, which has the most of everything.</summary>
    public static Machine Richest(string formatId) => With(
        formatId,
        FormatOf(formatId).Capabilities
            .Where(capability => capability.Kind == CapabilityKind.Flag)
            .ToDictionary(capability => capability.Name, _ => 1ul));

    /// <summary>Every combination of flags, each with the lowest, a middle and the highest of every width.</summary>
    public static IEnumerable<Machine> All(string formatId)
    {
        IEnumerable<Dictionary<string, ulong>> settings = [[]];
        foreach (CapabilityDescription capability in FormatOf(formatId).Capabilities)
        {
            ulong?[] values = [.. ValuesOf(capability)];
            settings = settings.SelectMany(_ => values, (setting, value) => Add(setting, capability.Name, value));
        }

        return settings.Select(setting => With(formatId, setting));
    }

    /// <summary>A few machines from all of them, spread evenly.</summary>
    public static IEnumerable<Machine> Some(string formatId, int count)
    {
        // A machine without any walk has no use for tables.
        Machine[] all = [.. All(formatId).Where(machine => !machine.Generated.Walks.IsEmpty)];
        return Enumerable.Range(0, count).Select(i => all[(int)((long)i * (all.Length - 1) / (count - 1))]);
    }

    private static Machine With(string formatId, Dictionary<string, ulong> setting) => new(
        $"{formatId} {string.Join(' ', setting.Select(pair => $"{pair.Key}={pair.Value}"))}",
        GeneratedRules.For(formatId, setting),
        Definitions.Format(formatId).Resolve(setting));

    private static FormatDescription FormatOf(string id) => RegisteredFormats.All.Single(format => format.Id == id);

    private static IEnumerable<ulong?> ValuesOf(CapabilityDescription capability)
    {
        if (capability.Kind == CapabilityKind.OptionalWidth)
        {
            yield return null;
        }

        yield return (ulong)capability.Minimum;
        if (capability.Kind == CapabilityKind.Width)
        {
            yield return (ulong)(capability.Minimum + capability.Maximum) / 2;
        }

        yield return (ulong)capability.Maximum;
    }

    private static Dictionary<string, ulong> Add(Dictionary<string, ulong> setting, string name, ulong? value)
    {
        var more = new Dictionary<string, ulong>(setting);
        if (value is { } given)
        {
            more.Add(name, given);
        }

        return more;
    }
}
