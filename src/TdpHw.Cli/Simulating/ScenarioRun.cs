using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating.Answering;
using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating;

/// <summary>Does the steps of a scenario, one after the other, and answers each.</summary>
/// <param name="answer">Does a step.</param>
/// <param name="output">Where answers go.</param>
/// <param name="timeline">Where the course of time is recorded; null for nowhere.</param>
internal sealed class ScenarioRun(Func<ScenarioStep, StepAnswer> answer, IStepOutput output, Timeline? timeline)
{
    /// <summary>Does them all. A step that fails is answered like any other; the rest goes on.</summary>
    /// <exception cref="InputException">A step is malformed; those before it have been done.</exception>
    public void Run(IEnumerable<ScenarioStep> steps, CancellationToken cancellation)
    {
        foreach (ScenarioStep step in steps)
        {
            cancellation.ThrowIfCancellationRequested();
            timeline?.BeginStep();
            StepAnswer result = answer(step);
            timeline?.EndStep(step.Origin, result);
            output.Write(step.Origin, result);
        }
    }
}
