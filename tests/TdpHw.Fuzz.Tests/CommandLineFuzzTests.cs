using System.Text;
using TdpHw.Cli;
using Xunit.Abstractions;

namespace TdpHw.Fuzz.Tests;

/// <summary>Broken captures through the command line: a documented exit code, no stack trace, an end.</summary>
public sealed class CommandLineFuzzTests(ITestOutputHelper output) : IDisposable
{
    // Far above what any case takes: only a run that never ends meets it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string[][] Commands =
    [
        ["walk"],
        ["walk", "-o", "json"],
        ["walk", "--leaves", "-o", "tsv", "--max-rows", "20000"],
        ["walk", "--special", "-o", "jsonl", "--max-rows", "20000"],
        ["walk", "--ranges", "--max-rows", "20000"],
        ["translate", "0x1000", "0xfffffffff000", "0xffffffffffffffff", "--root", "ROOT"],
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tdphw-fuzz");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("ept-default")]
    [InlineData("ept-noad")]
    [InlineData("ept-huge")]
    [InlineData("vtd-ss-48")]
    [InlineData("vtd-ss-48-scalable")]
    public async Task Broken_captures_end_with_a_documented_exit_code(string name)
    {
        int cases = FuzzBudget.Cases(40);
        output.WriteLine($"{cases} cases from seed {FuzzBudget.Seed}");
        for (int seed = FuzzBudget.Seed; seed < FuzzBudget.Seed + cases; seed++)
        {
            var random = new Random(seed);
            MutableCapture capture = MutableCapture.Load(name);
            CaptureMutation.Apply(capture, random);
            string root = capture.Description["roots"]![0]!["hpa"]!.GetValue<string>();
            byte[] tables = capture.ToBytes();
            if (random.Next(4) == 0)
            {
                tables = tables[..random.Next(tables.Length)];
            }

            byte[] description = random.Next(3) == 0
                ? DescriptionMutation.Apply(capture.Description, random)
                : Encoding.UTF8.GetBytes(capture.Description.ToJsonString());
            await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "tables.bin"), tables);
            await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "capture.json"), description);

            string[] command = Commands[random.Next(Commands.Length)];
            string[] arguments = [command[0], _folder.FullName, .. command.Skip(1).Select(a => a == "ROOT" ? root : a)];
            await JudgeAsync(arguments, $"{name}, seed {seed}: {string.Join(' ', arguments.Skip(2).Prepend(arguments[0]))}");
        }
    }

    private static async Task JudgeAsync(string[] arguments, string label)
    {
        using var answers = new MemoryStream();
        await using var errors = new StringWriter();
        using var patience = new CancellationTokenSource(Patience);
        int exit = Program.Run(arguments, Stream.Null, answers, errors, patience.Token);
        string told = errors.ToString();

        Assert.False(patience.IsCancellationRequested, $"{label}: did not end");
        Assert.True(exit is 0 or 1 or 2 or 3, $"{label}: exit {exit}, {told}");
        Assert.False(told.Contains("   at ", StringComparison.Ordinal), $"{label}: {told}");
        Assert.True(exit is 0 or 1 || told.Length > 0, $"{label}: exit {exit} without a word");
    }
}
