using Microsoft.Win32.SafeHandles;

namespace TdpHw.Cli.Output;

/// <summary>Opens the process's output.</summary>
internal static class StandardOutput
{
    /// <summary>
    /// Opens it so that a closed pipe is noticed. The console's own stream drops what it can't write to a closed pipe, and
    /// a listing would go on to its end unseen; a stream over the handle throws. A file is left to the console's stream,
    /// because one over the handle keeps its own position, and the next program that appends would write over the output;
    /// and so is a terminal, which another program may have set not to block.
    /// </summary>
    public static Stream Open()
    {
        if (InheritedHandle.IsMissing(1))
        {
            return new ClosedStream("standard output");
        }

        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }

        try
        {
            var direct = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return direct.CanSeek ? Console.OpenStandardOutput() : direct;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // No output was given at all, or one that can't be a stream of its own.
            return Console.OpenStandardOutput();
        }
    }
}
