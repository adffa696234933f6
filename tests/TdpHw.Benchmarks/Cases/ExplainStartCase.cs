using System.Collections.Immutable;
using System.Diagnostics;
using TdpHw.Benchmarks.Ratios;

namespace TdpHw.Benchmarks.Cases;

/// <summary><c>tdphw explain</c> from its start to its answer, against a .NET program that does nothing; both ReadyToRun.</summary>
internal sealed class ExplainStartCase : RatioCase
{
    private const string EmptyProject =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <InvariantGlobalization>true</InvariantGlobalization>
            <ConcurrentGarbageCollection>false</ConcurrentGarbageCollection>
          </PropertyGroup>
        </Project>
        """;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.ExplainStart];

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        if (Repository.Find() is not { } repository)
        {
            return [RatioRow.Skipped(Goals[0], "not run from the repository")];
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("tdphw-publish-");
        try
        {
            string empty = Path.Combine(folder.FullName, "empty");
            Directory.CreateDirectory(empty);
            File.WriteAllText(Path.Combine(empty, "Empty.csproj"), EmptyProject);
            File.WriteAllText(Path.Combine(empty, "Program.cs"), "return 0;");
            string tool = Path.Combine(folder.FullName, "tool");
            string nothing = Path.Combine(folder.FullName, "nothing");
            if (!TryPublish(Path.Combine(repository, "src", "TdpHw.Cli"), tool) || !TryPublish(empty, nothing))
            {
                return [RatioRow.Skipped(Goals[0], "can't be published ReadyToRun here")];
            }

            string answer = Run(Path.Combine(tool, "tdphw"), "explain", "ept", "0x12f8000000f6");
            Run(Path.Combine(nothing, "Empty"));
            double[] ns = Interleaved.MeasureElapsed(
                1,
                run.Budget * 2,
                () => Run(Path.Combine(tool, "tdphw"), "explain", "ept", "0x12f8000000f6"),
                () => Run(Path.Combine(nothing, "Empty")));
            return
            [
                RatioRow.Measured(
                    Goals[0], ns[0], ns[1], ("unit", "start"), ("clock", "elapsed"), ("answer", answer.Split('\n')[0].Trim())),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool TryPublish(string project, string output)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["publish", project, "-c", "Release", "--use-current-runtime", "--self-contained", "false", "-p:PublishReadyToRun=true", "-o", output])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            Console.Error.WriteLine(said);
        }

        return process.ExitCode == 0;
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string answer = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? answer
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}
