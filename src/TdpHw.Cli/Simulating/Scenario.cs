using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating.Reading;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating;

/// <summary>Reads scenarios: lists of steps in YAML.</summary>
internal static class Scenario
{
    /// <summary>
    /// Reads the steps one by one, each when it is asked for: what is wrong with one does not keep those before it from being done.
    /// </summary>
    /// <param name="stream">Where the text comes from.</param>
    /// <param name="name">What it is called, for messages.</param>
    /// <param name="beforeWait">Called before each read that may wait.</param>
    /// <exception cref="InputException">The next step is malformed.</exception>
    public static IEnumerable<ScenarioStep> Read(Stream stream, string name, Action beforeWait)
    {
        var lines = new ScenarioLines(new LineReader(stream, beforeWait, name), name);
        long number = 0;
        foreach (ScenarioPiece piece in new ScenarioPieces(lines.Read(), name).Read())
        {
            IEnumerable<ScenarioNode> nodes = new NodeReader(piece).Read();
            foreach (ScenarioNode node in piece.IsOneStep ? nodes.ToArray() : nodes)
            {
                yield return new StepReader(++number).Read(node);
            }
        }
    }
}
