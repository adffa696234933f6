using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Mutating;
using TdpHw.Mutation.Tests.Truth;
using Xunit.Abstractions;

namespace TdpHw.Mutation.Tests;

/// <summary>
/// Changes each thing that a definition says and asks outside truth alone whether it is still true. What survives is not
/// proved by anything: it is listed with the reason, or the test fails.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int Shown = 400;

    [Fact]
    public void Outside_truth_refutes_every_changed_definition_but_those_reviewed()
    {
        Mutant[] mutants = [.. World.Real.Names.SelectMany(name => Mutator.Of(name, World.Real.Root(name)))];
        Assert.Empty(mutants.GroupBy(m => m.Id).Where(g => g.Count() > 1).Select(g => g.Key));
        ConcurrentDictionary<string, string?> verdicts = Judge(mutants);
        string[] survivors = [.. verdicts.Where(v => v.Value is null).Select(v => v.Key).Order(StringComparer.Ordinal)];
        string[] reviewed = [.. ReviewedMutants.Equivalent.Keys.Concat(ReviewedMutants.Unproved.Keys)];
        string table = Table(mutants, verdicts);
        output.WriteLine(table);
        foreach ((string id, string reason) in ReviewedMutants.Unproved.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"unproved {id}: {reason}");
        }

        string[] unreviewed = [.. survivors.Except(reviewed)];
        Assert.True(unreviewed.Length == 0, $"{table}\n{unreviewed.Length} survive unreviewed:\n{Lines(unreviewed)}");
        string[] stale = [.. reviewed.Except(survivors)];
        Assert.True(
            stale.Length == 0,
            $"{table}\n{stale.Length} are listed as survivors and are not:\n{Lines(stale.Select(id => $"{id}: {verdicts.GetValueOrDefault(id, "does not exist or bind")}"))}");
    }

    [Fact]
    public void No_mutant_is_listed_twice() =>
        Assert.Empty(ReviewedMutants.Equivalent.Keys.Intersect(ReviewedMutants.Unproved.Keys));

    /// <summary>What refutes each mutant that binds and says something else; null when nothing does.</summary>
    private static ConcurrentDictionary<string, string?> Judge(Mutant[] mutants)
    {
        var verdicts = new ConcurrentDictionary<string, string?>();
        Parallel.ForEach(mutants, mutant =>
        {
            if (World.With(mutant.Definition, mutant.Root) is { } world)
            {
                verdicts[mutant.Id] = OutsideTruth.Refute(world, mutant.Definition);
            }
        });
        return verdicts;
    }

    private static string Table(Mutant[] mutants, ConcurrentDictionary<string, string?> verdicts)
    {
        var table = new StringBuilder();
        Row("definition", "changes", "mutants", "killed", "equivalent", "unproved");
        foreach (IGrouping<string, Mutant> group in mutants.GroupBy(m => m.Definition))
        {
            Add(group.Key, group);
        }

        Add("all", mutants);
        return table.ToString();

        void Add(string name, IEnumerable<Mutant> changes)
        {
            string[] all = [.. changes.Select(m => m.Id)];
            string[] bound = [.. all.Where(verdicts.ContainsKey)];
            Row(
                name,
                Text(all.Length),
                Text(bound.Length),
                Text(bound.Count(id => verdicts[id] is not null)),
                Text(bound.Count(ReviewedMutants.Equivalent.ContainsKey)),
                Text(bound.Count(ReviewedMutants.Unproved.ContainsKey)));
        }

        void Row(params string[] cells) => table.AppendLine(
            CultureInfo.InvariantCulture, $"{cells[0],-26}{string.Concat(cells.Skip(1).Select(c => c.PadLeft(12)))}");

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Take(Shown));
}
