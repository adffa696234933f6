using BenchmarkDotNet.Running;
using TdpHw.Benchmarks.Ratios;

if (args is ["ratios", .. string[] arguments])
{
    using Stream output = Console.OpenStandardOutput();
    return RatioCommand.Run(arguments, output, Console.Error);
}

BenchmarkSwitcher.FromAssembly(typeof(RatioCommand).Assembly).Run(args);
return 0;
