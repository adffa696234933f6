using System.Runtime.InteropServices;

namespace TdpHw.Memory;

/// <summary>
/// Tells pipes and devices from regular files without opening them. The file attributes of .NET do not: on Unix a pipe is
/// <see cref="FileAttributes.Normal"/>.
/// </summary>
internal static partial class UnixFileType
{
    // From linux/stat.h and linux/fcntl.h. statx has one layout on every architecture, which stat has not.
    private const int CurrentDirectory = -100;
    private const uint TypeWanted = 1;
    private const int TypeMask = 0xF000;

    /// <summary>
    /// What the special file at <paramref name="path"/> is; null when it is a regular file or a directory, when it can't
    /// be looked at, and where the system has no statx (then opening it tells).
    /// </summary>
    public static string? OfSpecial(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            if (Statx(CurrentDirectory, path, flags: 0, TypeWanted, out StatxResult result) != 0)
            {
                return null;
            }

            return (result.Mode & TypeMask) switch
            {
                0x1000 => "named pipe",
                0x2000 => "character device",
                0x6000 => "block device",
                0xC000 => "socket",
                _ => null,
            };
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out StatxResult result);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxResult
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
