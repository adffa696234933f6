using System.Text.Json.Nodes;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests.Simulating;

/// <summary>A unit of which a scenario does not say how wide its host addresses are is as wide as the VM's host.</summary>
public sealed class HostWidthTests
{
    private const string Vm = "- vm: { maxphyaddr: 52 }\n";

    [Theory]
    [InlineData("", true, "ok")]
    [InlineData("", false, "ok")]
    [InlineData(", haw: 52", true, "ok")]
    [InlineData(", haw: 46", true, "EOPNOTSUPP")]
    [InlineData(", haw: 46", false, "EOPNOTSUPP")]
    public async Task The_order_of_unit_and_VM_does_not_matter(string haw, bool isUnitFirst, string expected)
    {
        // Strict: what a narrower unit holds reserved in an address, the VM's table may have set.
        string unit = $"- iommu: {{ scalable: true{haw} }}\n- device: {{ bdf: \"00:03.0\" }}\n";
        string scenario = "- mode: strict\n" + (isUnitFirst ? unit + Vm : Vm + unit) + """
            - vcpu
            - memslot: { gpa: 0, size: 2M }
            - export
            - hwpt: { fd: 0, device: "00:03.0" }

            """;

        CliRun run = await CliRun.WithInputAsync(scenario, "simulate", "-");

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.All(run.Lines[..^1], line => Assert.Equal("ok", Result(line)));
        Assert.Equal(expected, Result(run.Lines[^1]));
    }

    private static string Result(string line) => (string)JsonNode.Parse(line)!["result"]!;
}
