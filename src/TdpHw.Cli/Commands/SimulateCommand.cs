using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating;
using TdpHw.Cli.Simulating.Answering;
using TdpHw.Cli.Simulating.World;
using TdpHw.Memory;

namespace TdpHw.Cli.Commands;

/// <summary><c>tdphw simulate</c>: what KVM, an IOMMU and its devices do in a scenario.</summary>
internal sealed class SimulateCommand : ICommandSource
{
    private const string StandardInput = "-";

    private readonly Argument<string> _scenario = new("SCENARIO")
    {
        Description = "A list of steps in YAML; - for the standard input.",
    };

    private readonly Option<string?> _timeline = new("--timeline")
    {
        Description = "Also record what happens, for Perfetto or chrome://tracing.",
        HelpName = "file",
    };

    private readonly Option<string?> _form = SharedOptions.OutputForm(
        "Form of the answers, one for each step. jsonl: an object a line (the default); text: for people.");

    public string[] Examples =>
    [
        "tdphw simulate tests/scenarios/life-cycle.yaml",
        "tdphw simulate tests/scenarios/life-cycle.yaml -o text --timeline trace.json",
    ];

    public Command Create(Terminal terminal)
    {
        var command = new Command(
            "simulate", "Run a scenario on a model of KVM, an IOMMU and its devices, and answer each of its steps.");
        command.Add(_scenario);
        command.Add(_timeline);
        command.Add(_form);
        SharedOptions.RefuseOptions(_scenario, "a scenario");
        command.SetAction(parse => Run(parse, terminal, terminal.Ended));
        return command;
    }

    private int Run(ParseResult parse, Terminal terminal, CancellationToken cancellation)
    {
        OutputForm form = SharedOptions.ParseForm(parse.GetValue(_form) ?? "jsonl");
        if (form is not (OutputForm.JsonLines or OutputForm.Text))
        {
            throw new UsageException("a step is answered before the next one is done: use -o jsonl or text");
        }

        string scenario = parse.GetRequiredValue(_scenario);
        bool isStandardInput = scenario == StandardInput;
        string name = isStandardInput ? "standard input" : scenario;
        string? trace = parse.GetValue(_timeline);
        if (trace is not null && !isStandardInput && IsSameFile(trace, scenario))
        {
            throw new UsageException("--timeline would overwrite the scenario");
        }

        using FileStream? file = isStandardInput
            ? null
            : new FileStream(RegularFile.Open(scenario), FileAccess.Read, bufferSize: 0);
        using Timeline? timeline = trace is null ? null : Timeline.Create(trace, name);
        IStepOutput output = form == OutputForm.Text ? new StepText(terminal.Output) : new StepJson(terminal.Output);
        new ScenarioRun(new ScenarioWorld(timeline).Do, output, timeline).Run(
            Scenario.Read(file ?? terminal.Input, name, beforeWait: terminal.Output.Flush), cancellation);
        return ExitCode.Done;
    }

    private static bool IsSameFile(string left, string right) =>
        left.Length != 0 && right.Length != 0 && Path.GetFullPath(left) == Path.GetFullPath(right);
}
