using TdpHw.Cli.Listing;
using TdpHw.Cli.Translating;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Devices;

/// <summary>Answers what a unit does with requests of a device.</summary>
/// <param name="tables">The device's tables.</param>
/// <param name="writer">Where answers go.</param>
/// <param name="questions">The addresses of the requests.</param>
/// <param name="access">Whether they read or write.</param>
/// <param name="progress">How far it is.</param>
internal sealed class DeviceTranslation(
    DeviceTables tables, DeviceAnswerWriter writer, AddressQuestions questions, Access access, Progress progress)
    : IImageVisitor<int>
{
    public int Visit<TMemory>(in TMemory memory)
        where TMemory : struct, IPhysicalMemory
    {
        int exit = ExitCode.Done;
        long done = 0;
        writer.Begin();
        foreach (AddressQuestion question in questions.Read())
        {
            progress.Step(done++);
            if (question.Problem is string problem)
            {
                // A wrong line outweighs what becomes of addresses: the answers are not those that were asked for.
                exit = ExitCode.BadInput;
                writer.WriteError(problem);
                continue;
            }

            DeviceAnswer answer = tables.Ask(in memory, question.Address, access);
            writer.Write(in answer);
            exit = answer.Result.IsAllowed || exit != ExitCode.Done ? exit : ExitCode.Finding;
        }

        writer.End();
        progress.End();
        return exit;
    }
}
