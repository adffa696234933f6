using System.Text.Json;
using TdpHw.Mutation.Tests.Truth;

namespace TdpHw.Mutation.Tests;

/// <summary>Mutants that survive for a reason that somebody wrote down.</summary>
internal static class ReviewedMutants
{
    /// <summary>Those that no input tells from the definition.</summary>
    public static IReadOnlyDictionary<string, string> Equivalent { get; } = Read("EquivalentMutants");

    /// <summary>Those that an input could tell, if there were outside truth for it.</summary>
    public static IReadOnlyDictionary<string, string> Unproved { get; } = Read("UnprovedMutants");

    // A file has groups of mutants that survive for the same reason.
    private static Dictionary<string, string> Read(string name)
    {
        var mutants = new Dictionary<string, string>();
        foreach (JsonElement group in Json.Read(name + ".json").EnumerateArray())
        {
            foreach (string id in group.GetProperty("mutants").Words())
            {
                mutants.Add(id, group.GetProperty("reason").GetString()!);
            }
        }

        return mutants;
    }
}
