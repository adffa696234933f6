using System.CommandLine;
using System.CommandLine.Parsing;
using TdpHw.Cli.Capabilities;
using TdpHw.Cli.Describing;
using TdpHw.Cli.Input;
using TdpHw.Cli.Listing;
using TdpHw.Cli.Output;
using TdpHw.Cli.Overlays;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.CommandLine;

/// <summary>Options and arguments that several commands have, and how their values are read.</summary>
internal static class SharedOptions
{
    private static readonly string[] Forms = ["text", "json", "jsonl", "tsv"];

    /// <summary><c>-o</c>.</summary>
    public static Option<string?> OutputForm(string description = "Form of the answer.")
    {
        var option = new Option<string?>("--output", "-o") { Description = description, HelpName = string.Join('|', Forms) };
        option.CompletionSources.Add(Forms);
        return option;
    }

    /// <summary><c>--max-rows</c>.</summary>
    public static Option<string?> MaxRows(string description) => new("--max-rows") { Description = description, HelpName = "n" };

    /// <summary><c>--set</c>.</summary>
    public static Option<string[]> Settings(
        string description = "Set a capability, or all that a whole register tells (repeatable).")
    {
        var option = new Option<string[]>("--set")
        {
            Description = description,
            HelpName = "name=value",
        };
        option.CompletionSources.Add(_ => FormatRegistry.Formats
            .SelectMany(f => f.Capabilities)
            .Concat(FormatRegistry.Overlays.SelectMany(o => o.Capabilities))
            .Select(c => $"{c.Name}=")
            .Distinct());
        return option;
    }

    /// <summary><c>--overlay</c>.</summary>
    public static Option<string?> Overlay()
    {
        var option = new Option<string?>("--overlay")
        {
            Description = "The software whose use of the format is shown.",
            HelpName = "name[:variant]|none",
        };
        option.CompletionSources.Add(_ => FormatRegistry.Overlays
            .SelectMany(o => o.Variants.Select(v => $"{o.Id}:{v.Id}"))
            .Append("none"));
        return option;
    }

    /// <summary>Completes the name of a format.</summary>
    public static void CompleteFormats(Argument argument) => argument.CompletionSources.Add(_ => KnownFormats.Ids);

    /// <summary>Completes the name of a format.</summary>
    public static void CompleteFormats(Option option) => option.CompletionSources.Add(_ => KnownFormats.Ids);

    /// <summary>
    /// Refuses words that look like options: an argument that takes many words would swallow a mistyped option.
    /// </summary>
    public static void RefuseOptions(Argument argument, string what) => argument.Validators.Add(result =>
    {
        foreach (Token token in result.Tokens)
        {
            if (token.Value is ['-', _, ..])
            {
                Refuse(token.Value, result, what);
            }
        }
    });

    private static void Refuse(string word, ArgumentResult result, string what)
    {
        IEnumerable<string> options = result.Parent is CommandResult command ? command.Command.Options.Select(o => o.Name) : [];
        result.AddError($"'{word}' is neither an option nor {what}{NearestName.Hint(word, options)}");
    }

    /// <summary>Reads <c>-o</c>.</summary>
    /// <exception cref="UsageException">There is no such form.</exception>
    public static OutputForm ParseForm(string? text) => text switch
    {
        null or "text" => Output.OutputForm.Text,
        "json" => Output.OutputForm.Json,
        "jsonl" => Output.OutputForm.JsonLines,
        "tsv" => Output.OutputForm.Tsv,
        _ => throw new UsageException($"unknown output '{text}'; there are: {string.Join(", ", Forms)}"),
    };

    /// <summary>Reads a number of up to 64 bits.</summary>
    /// <param name="what">What it is, for the message.</param>
    /// <param name="text">The number.</param>
    /// <exception cref="UsageException">It is none.</exception>
    public static ulong ParseNumber(string what, string text) => NumberText.TryParse(text, out ulong value, out string problem)
        ? value
        : throw new UsageException($"{what}: '{text}' {problem}");

    /// <summary>Reads a small number, such as a level.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static int? ParseSmall(string what, string? text)
    {
        if (text is null)
        {
            return null;
        }

        ulong value = ParseNumber(what, text);
        return value <= int.MaxValue ? (int)value : throw new UsageException($"{what}: '{text}' is too large");
    }

    /// <summary>Reads <c>--max-rows</c>.</summary>
    /// <exception cref="UsageException">It is no number, or too large a one.</exception>
    public static long ParseMaxRows(string? text)
    {
        if (text is null)
        {
            return ListingBounds.UsualMaxRows;
        }

        ulong rows = ParseNumber("--max-rows", text);
        return rows <= long.MaxValue ? (long)rows : throw new UsageException($"--max-rows: '{text}' is too large");
    }

    /// <summary>Makes the settings of <c>--set</c> in the order given.</summary>
    /// <exception cref="UsageException">A setting is malformed or unknown.</exception>
    public static CapabilityValues Apply(CapabilityValues values, IEnumerable<string> settings) =>
        Apply(new Machine(values, null), settings).Capabilities;

    /// <summary>Makes the settings of <c>--set</c> in the order given, the hardware's and the software's.</summary>
    /// <exception cref="UsageException">A setting is malformed or unknown.</exception>
    public static Machine Apply(Machine machine, IEnumerable<string> settings)
    {
        try
        {
            foreach (string setting in settings)
            {
                (string name, string value) = CapabilitySetting.Split(setting);
                machine = machine.With(name, value);
            }

            return machine;
        }
        catch (CapabilityException e)
        {
            throw new UsageException($"--set: {e.Message}");
        }
    }
}
