using System.Globalization;
using System.Text.Json.Nodes;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating.Answering;

/// <summary>Writes answers for people: a line for each step, and below it what is too much for a line.</summary>
/// <param name="output">Where they go.</param>
internal sealed class StepText(Utf8Output output) : IStepOutput
{
    // Steps come one by one, so the columns are as wide as the longest verb and error need.
    private const int NumberWidth = 4;
    private const int VerbWidth = 15;
    private const int ResultWidth = 10;
    private const int Indent = NumberWidth + 2;

    private bool _hasHeader;

    /// <inheritdoc/>
    public void Write(StepOrigin step, StepAnswer answer)
    {
        if (!_hasHeader)
        {
            WriteRow("step", "verb", "result", "");
            _hasHeader = true;
        }

        WriteRow(step.Number.ToString(CultureInfo.InvariantCulture), step.Verb, answer.Result, Scalars(answer.Fields));
        WriteParts(answer.Fields, Indent);
        output.Flush();
    }

    private void WriteRow(string number, string verb, string result, string rest) => output.WriteLine(
        $"{number.PadLeft(NumberWidth)}  {verb.PadRight(VerbWidth)}  {result.PadRight(ResultWidth)}  {rest}".TrimEnd());

    private void WriteParts(JsonObject fields, int indent)
    {
        foreach ((string name, JsonNode? value) in fields)
        {
            string start = $"{new string(' ', indent)}{name}";
            switch (value)
            {
                case JsonObject part:
                    output.WriteLine($"{start}  {Scalars(part)}");
                    WriteParts(part, indent + 2);
                    break;
                case JsonArray { Count: > 0 } rows when rows[0] is JsonObject first:
                    output.WriteLine(start);
                    TextTable.Write(
                        output,
                        [[.. first.Select(f => f.Key)], .. rows.Select(r => r!.AsObject().Select(f => Text(f.Value)).ToArray())],
                        indent + 2);
                    break;
                case JsonArray list:
                    output.WriteLine($"{start}  {Text(list)}");
                    break;
            }
        }
    }

    private static string Scalars(JsonObject fields) => string.Join(", ", fields
        .Where(f => f.Value is null or JsonValue)
        .Select(f => $"{f.Key} {Text(f.Value)}"));

    private static string Text(JsonNode? value) => value switch
    {
        null => "-",
        JsonArray { Count: 0 } => "none",
        JsonArray list => string.Join(list[0] is JsonArray ? "; " : " ", list.Select(Text)),
        _ => Terminal.OneLine(value.ToString()),
    };
}
