using System.Text.Json.Nodes;
using TdpHw.Cli.Output;

namespace TdpHw.Cli.Simulating;

/// <summary>What came of a step.</summary>
/// <param name="Result"><c>ok</c>, the name of an error number, or how a device's access was refused.</param>
internal sealed record StepAnswer(string Result)
{
    /// <summary>What was asked for was done.</summary>
    public const string Ok = "ok";

    /// <summary>What there is to say beside the result, in the order of the answer.</summary>
    public JsonObject Fields { get; } = [];

    /// <summary>Adds a count, a number of something, a word, a flag or more of these.</summary>
    /// <returns>The answer.</returns>
    public StepAnswer With(string name, JsonNode? value)
    {
        Fields.Add(name, value);
        return this;
    }

    /// <summary>Adds an address, a mask or a code, which JSON's own numbers would cut at 53 bits.</summary>
    /// <returns>The answer.</returns>
    public StepAnswer WithHex(string name, ulong value) => With(name, HexText.Of(value));
}
