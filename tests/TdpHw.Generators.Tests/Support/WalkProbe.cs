using System.Reflection;

namespace TdpHw.Generators.Tests.Support;

/// <summary>Walks tables with the compiled code of a definition, on a machine with the definition's defaults.</summary>
internal static class WalkProbe
{
    /// <summary>Part of the consumer: the outcome of a walk, all of it, and all of the same walk by the loop for any format.</summary>
    private const string Probe = """
        using System.Collections.Generic;
        using TdpHw.Formats;

        public static class Probe
        {
            public static string[] Walk(Dictionary<ulong, ulong> entries, ulong table, int levels, ulong address)
            {
                var memory = new Memory(entries);
                var root = new Root<FORMAT>(FORMAT.RulesFor(FORMAT.Description.DefaultCapabilities), new(table), levels);
                WalkResult emitted = FORMAT.Walk(in memory, root, new(address), Access.Read);
                return [emitted.Outcome.ToString(), emitted.ToString(), FormatWalk.Walk(in memory, root, new(address), Access.Read).ToString()];
            }

            private readonly struct Memory(Dictionary<ulong, ulong> entries) : IPhysicalMemory
            {
                public bool TryReadEntry(HostPhysicalAddress address, out ulong entry) => entries.TryGetValue(address.Value, out entry);

                public bool TryGetTable(HostPhysicalAddress address, int entryCount, out System.ReadOnlySpan<ulong> table)
                {
                    table = default;
                    return false;
                }
            }
        }
        """;

    /// <summary>What a read access comes to.</summary>
    /// <param name="sources">The generated files.</param>
    /// <param name="format">The C# name of the format.</param>
    /// <param name="entries">The entries by their addresses.</param>
    /// <param name="root">Where the root table is.</param>
    /// <param name="levels">How many levels it is the root of.</param>
    /// <param name="address">The address that is accessed.</param>
    public static Answers Walk(
        IReadOnlyDictionary<string, string> sources, string format, Dictionary<ulong, ulong> entries, ulong root, int levels, ulong address)
    {
        Dictionary<string, string> project = new(sources, StringComparer.Ordinal)
        {
            ["Probe.cs"] = Probe.Replace("FORMAT", format, StringComparison.Ordinal),
        };
        MethodInfo walk = GeneratedProject.Load(project).GetType("Probe", throwOnError: true)!.GetMethod("Walk")!;
        string[] answers = (string[])walk.Invoke(null, [entries, root, levels, address])!;
        return new(answers[0], answers[1], answers[2]);
    }

    /// <param name="Outcome">How the walk ends.</param>
    /// <param name="Emitted">All that the emitted walk tells.</param>
    /// <param name="Generic">All that the loop for any format tells.</param>
    public sealed record Answers(string Outcome, string Emitted, string Generic);
}
