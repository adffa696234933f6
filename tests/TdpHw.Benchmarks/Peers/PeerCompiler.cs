using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TdpHw.Benchmarks.Peers;

/// <summary>Builds the peers with the machine's C compiler, for this very processor.</summary>
internal sealed class PeerCompiler : IDisposable
{
    private readonly string _compiler = Environment.GetEnvironmentVariable("CC") is { Length: > 0 } cc ? cc : "cc";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tdphw-peers-");

    /// <summary>Builds and loads one peer.</summary>
    /// <param name="name">The name of its source, without <c>.c</c>.</param>
    /// <param name="format">The format that it reads, whose header its <c>FORMAT</c> becomes; null where it reads none.</param>
    /// <param name="libraries">What it is linked with.</param>
    /// <returns>Null, with the reason on the error stream, where it can't be built.</returns>
    public nint? Load(string name, string? format = null, params string[] libraries)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "Peers", name + ".c");
        string library = Path.Combine(_folder.FullName, name + ".so");
        string[] arguments =
        [
            "-O3", "-march=native", "-shared", "-fPIC", .. format is null ? [] : new[] { $"-DFORMAT=\"{format}.h\"" },
            "-o", library, source, .. libraries.Select(l => "-l" + l),
        ];
        try
        {
            var start = new ProcessStartInfo(_compiler, arguments)
            {
                UseShellExecute = false,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                Console.Error.WriteLine($"{_compiler} can't build {name}.c: {errors.Split('\n')[0]}{output.Result}");
                return null;
            }

            return NativeLibrary.Load(library);
        }
        catch (Exception failure) when (failure is Win32Exception or DllNotFoundException)
        {
            Console.Error.WriteLine($"{name}.c: {failure.Message}");
            return null;
        }
    }

    /// <summary>Forgets the files; what was loaded stays loaded.</summary>
    public void Dispose() => _folder.Delete(recursive: true);
}
