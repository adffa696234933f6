using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests.Readme;

/// <summary>What the README shows is what the product does.</summary>
[Collection(nameof(ProcessWideState))]
public sealed class ReadmeTests
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "README.md"));

    [Fact]
    public async Task The_main_job_prints_the_sample()
    {
        string command = Readme.First(l => l.StartsWith("    dotnet run ", StringComparison.Ordinal)).Trim();
        string[] arguments = command[(command.IndexOf(" -- ", StringComparison.Ordinal) + 4)..].Split(' ');
        string[] sample = [.. Block("```").Where(l => l.Trim() != "…")];

        CliRun run = await CliRun.OfAsync([.. arguments.Select(a => a.Replace("tests/", AppContext.BaseDirectory + "/", StringComparison.Ordinal))]);

        Assert.Equal(1, run.Exit);
        Assert.True(sample.Length > 10);

        // The image's path differs here, and the sample leaves lines out.
        int line = 1;
        foreach (string shown in sample.Skip(1))
        {
            int found = Array.IndexOf(run.Lines, shown, line);
            Assert.True(found >= line, $"the output lacks, after line {line}: {shown}");
            line = found + 1;
        }
    }

    [Fact]
    public void There_is_one_command_for_the_tests() =>
        Assert.Single(Readme, l => l.StartsWith("    dotnet test", StringComparison.Ordinal));

    [Fact]
    public void The_library_sample_is_the_one_that_is_compiled()
    {
        string[] source = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "LibrarySample.cs"));
        int body = Array.IndexOf(source, "    {") + 1;
        IEnumerable<string> expected = source.TakeWhile(l => l.StartsWith("using ", StringComparison.Ordinal))
            .Append("")
            .Concat(source.Skip(body).TakeWhile(l => l != "    }").Select(l => l.Length > 8 ? l[8..] : l));

        Assert.Equal(expected, Block("```csharp"));
    }

    [Fact]
    public void The_library_sample_runs()
    {
        TextWriter before = Console.Out;
        string directory = Directory.GetCurrentDirectory();
        using var output = new StringWriter();
        try
        {
            Console.SetOut(output);
            Directory.SetCurrentDirectory(Path.Combine(AppContext.BaseDirectory, "readme-root"));
            LibrarySample.Run();
        }
        finally
        {
            Directory.SetCurrentDirectory(directory);
            Console.SetOut(before);
        }

        string[] lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal("Mapped: 0x148504000, 4096 bytes, RWX", lines[0]);
        Assert.StartsWith("0x600000148504b77 R W X EMT=WB IPAT A D ADDR=0x148504000; KVM holds it for present: True", lines[1], StringComparison.Ordinal);
        Assert.Equal("0x1000 -> 0x148504000, 12288 bytes", lines[2]);
    }

    private static string[] Block(string fence)
    {
        int start = Array.IndexOf(Readme, fence);
        Assert.True(start >= 0);
        return [.. Readme.Skip(start + 1).TakeWhile(l => l != "```")];
    }
}
