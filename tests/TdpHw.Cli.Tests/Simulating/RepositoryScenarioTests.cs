namespace TdpHw.Cli.Tests.Simulating;

public sealed class RepositoryScenarioTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "scenarios");

    public static TheoryData<string> Files => new(Directory.EnumerateFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)));

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_scenario_of_the_repository_can_be_read(string file)
    {
        string path = Path.Combine(Folder, file);
        int expected = File.ReadLines(path).Count(l => l.StartsWith("- ", StringComparison.Ordinal));

        ReadScenario read = ReadScenario.Of(File.ReadAllBytes(path));

        Assert.Equal((null, expected), (read.Error, read.Steps.Count));
    }
}
