namespace TdpHw.Cli.Output;

/// <summary>
/// Tells whether the program was started with a standard stream. Where it was not, the system gives the number to the next
/// file that the runtime opens, such as a pipe of its own from which nothing ever comes.
/// </summary>
internal static class InheritedHandle
{
    // O_CLOEXEC of Linux: what has it was opened since the start, for it would have been closed then.
    private const int ClosedAtStart = 0x80000;
    private const string Flags = "flags:";

    /// <summary>Whether the stream called <paramref name="number"/> was closed at the start, as far as the system tells.</summary>
    public static bool IsMissing(int number)
    {
        const string Folder = "/proc/self/fdinfo";
        if (!OperatingSystem.IsLinux() || !Directory.Exists(Folder))
        {
            return false;
        }

        try
        {
            string? line = File.ReadLines($"{Folder}/{number}").FirstOrDefault(l => l.StartsWith(Flags, StringComparison.Ordinal));
            return line is not null && (Convert.ToInt32(line[Flags.Length..].Trim(), 8) & ClosedAtStart) != 0;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return false;
        }
    }
}
