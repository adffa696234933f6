using System.Diagnostics;

namespace TdpHw.Cli.Tests.Running;

/// <summary>The program as a process of its own, for what only a process has: pipes, signals, exit codes.</summary>
internal static class ProcessRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>What starts programs.</summary>
    public static string Host => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "tdphw.dll");

    /// <summary>Starts the program.</summary>
    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo(Host)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Assembly);
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs a shell script in which <c>$TDPHW</c> starts the program.</summary>
    /// <returns>What the script wrote.</returns>
    public static async Task<string> ShellAsync(string script, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.Environment["TDPHW"] = $"{Host} {Assembly}";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process shell = Process.Start(start)!;
        string output = await shell.StandardOutput.ReadToEndAsync();
        await WaitAsync(shell);
        return output;
    }

    /// <summary>Waits for the end; a process that does not end fails the test.</summary>
    public static async Task<int> WaitAsync(Process process)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the process did not end");
        }

        return process.ExitCode;
    }
}
