using TdpHw.Cli.Simulating.Steps;

namespace TdpHw.Cli.Simulating.Answering;

/// <summary>Writes the answers of a scenario, each before the next step is done.</summary>
internal interface IStepOutput
{
    /// <summary>Writes an answer.</summary>
    void Write(StepOrigin step, StepAnswer answer);
}
