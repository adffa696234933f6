namespace TdpHw.Memory.Tests;

/// <summary>A file that nobody may read, for as long as a test looks at it.</summary>
internal sealed class FilePermission : IDisposable
{
    private readonly string _path;

    private FilePermission(string path) => _path = path;

    /// <summary>Whether permissions bind this process: they do not bind root, and Windows has others.</summary>
    public static bool Binds => !OperatingSystem.IsWindows() && !Environment.IsPrivilegedProcess;

    public static FilePermission TakenFrom(string path)
    {
        Set(path, UnixFileMode.None);
        return new FilePermission(path);
    }

    public void Dispose() => Set(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private static void Set(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
