namespace TdpHw.Package.Tests;

/// <summary>What people outside the repository get: packages, from which their own definitions become code.</summary>
[Collection(PackedProduct.Collection)]
public sealed class ConsumerTests(PackedProduct product)
{
    [Fact]
    public async Task A_project_elsewhere_walks_a_table_of_its_own_format()
    {
        string folder = product.CreateConsumer();

        (int exit, string output) = await BuildAsync(folder);
        Assert.True(exit == 0, output);
        Assert.Contains("0 Warning(s)", output, StringComparison.Ordinal);

        // As the entries in Program.cs say, by hand: no Write flag in the leaf, bits 55:52 are 3, bits 9:8 are 3, bit 29 is page 0x80000.
        (exit, output) = await DotNet.RunAsync(folder, product.Cache, "bin/Debug/net10.0/Consumer.dll");
        Assert.True(exit == 0, output);
        Assert.Equal(
            [
                "Read: Mapped 0x7f000abc",
                "Write: PermissionDenied",
                "owner: 3",
                "tag: 3 of 0x80000000",
                "formats: firmware-sv39x4, orchard",
                "machine: True",
            ],
            output.TrimEnd().ReplaceLineEndings("\n").Split('\n'));
    }

    [Fact]
    public async Task A_definition_that_is_broken_is_told_at_its_place()
    {
        string folder = product.CreateConsumer();
        string path = Path.Combine(folder, "acme-ept.hwdef.yaml");
        string text = await File.ReadAllTextAsync(path);
        Assert.Contains("bits: 55:52", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text.Replace("bits: 55:52", "bits: 55:51", StringComparison.Ordinal));

        (int exit, string output) = await BuildAsync(folder);

        Assert.Equal(1, exit);
        Assert.Contains("/acme-ept.hwdef.yaml(12,36): error TDPHW301: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tool_installs_and_runs()
    {
        string folder = product.CreateConsumer();
        string tools = Path.Combine(folder, "tools");

        (int exit, string output) = await DotNet.RunAsync(
            folder, product.Cache, "tool", "install", "tdphw", "--version", PackedProduct.Version, "--tool-path", tools,
            "--configfile", Path.Combine(folder, "nuget.config"));
        Assert.True(exit == 0, output);

        string tool = Directory.EnumerateFiles(tools, "tdphw.dll", SearchOption.AllDirectories).Single();
        (exit, output) = await DotNet.RunAsync(folder, product.Cache, tool, "explain", "ept", "0x1007", "--level", "1", "-o", "jsonl");
        Assert.Equal(0, exit);
        Assert.Contains("\"output_address\":\"0x1000\"", output, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Output)> BuildAsync(string folder) => DotNet.RunAsync(
        folder, product.Cache, "build", $"-p:TdpHwVersion={PackedProduct.Version}", "-tl:off");
}
