using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace TdpHw.Cli.Output;

/// <summary>
/// Tells whether the program was started with a standard stream. Where it was not, the system gives the number to the next
/// file that the runtime opens, such as a pipe of its own from which nothing ever comes.
/// </summary>
internal static class InheritedHandle
{
    // O_CLOEXEC of Linux: what has it was opened since the start, for it would have been closed then.
    private const int ClosedAtStart = 0x80000;

    // The flags stand in its second line.
    private const int Longest = 256;

    /// <summary>Whether the stream called <paramref name="number"/> was closed at the start, as far as the system tells.</summary>
    public static bool IsMissing(int number)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        try
        {
            using SafeFileHandle info = File.OpenHandle("/proc/self/fdinfo/" + number.ToString(CultureInfo.InvariantCulture));
            Span<byte> text = stackalloc byte[Longest];
            return (FlagsIn(text[..RandomAccess.Read(info, text, 0)]) & ClosedAtStart) != 0;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Also where the system has no such folder.
            return false;
        }
    }

    private static int FlagsIn(ReadOnlySpan<byte> text)
    {
        int start = text.IndexOf("flags:"u8);
        int flags = 0;
        for (int i = start < 0 ? text.Length : start + "flags:"u8.Length; i < text.Length && text[i] != '\n'; i++)
        {
            flags = text[i] is >= (byte)'0' and <= (byte)'7' ? flags << 3 | (text[i] - '0') : flags;
        }

        return flags;
    }
}
