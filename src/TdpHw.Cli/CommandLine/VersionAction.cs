using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace TdpHw.Cli.CommandLine;

/// <summary>Tells the version, with the commit that it was built from where the build knew it.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        // Of this assembly, not of the process: they differ where the program is run by another one.
        string version = typeof(VersionAction).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        parseResult.InvocationConfiguration.Output.Write(version + "\n");
        return ExitCode.Done;
    }
}
