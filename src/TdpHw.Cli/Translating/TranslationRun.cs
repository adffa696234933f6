using TdpHw.Cli.Listing;

namespace TdpHw.Cli.Translating;

/// <summary>Answers the addresses that a command line or the standard input names, one after the other.</summary>
/// <param name="writer">Where answers go.</param>
/// <param name="questions">The addresses.</param>
/// <param name="progress">How far it is.</param>
internal sealed class TranslationRun(TranslationWriter writer, AddressQuestions questions, Progress progress)
{
    /// <summary>Answers them.</summary>
    /// <param name="translate">What becomes of an address.</param>
    /// <returns>The exit code.</returns>
    public int Answer(Func<ulong, Translation> translate)
    {
        int exit = ExitCode.Done;
        long done = 0;
        writer.Begin();
        foreach (AddressQuestion question in questions.Read())
        {
            if (question.Problem is string problem)
            {
                // A wrong line outweighs what becomes of addresses: the answers are not those that were asked for.
                exit = ExitCode.BadInput;
                writer.WriteError(problem);
                continue;
            }

            progress.Step(done++);
            Translation translation = translate(question.Address);
            writer.Write(in translation);
            exit = translation.Result.IsMapped || exit != ExitCode.Done ? exit : ExitCode.Finding;
        }

        writer.End();
        progress.End();
        return exit;
    }
}
