namespace TdpHw.Memory;

/// <summary>
/// An image that can't be read or is malformed. The message is one line that names the file and the place in it.
/// </summary>
public sealed class ImageException : Exception
{
    /// <summary>Says what is wrong.</summary>
    /// <param name="message">One line: the file, the place, what is wrong. Control characters become <c>?</c>.</param>
    public ImageException(string message)
        : base(OneLine(message))
    {
    }

    /// <summary>Says what is wrong, and what told so.</summary>
    /// <param name="message">One line: the file, the place, what is wrong. Control characters become <c>?</c>.</param>
    /// <param name="innerException">The cause.</param>
    public ImageException(string message, Exception innerException)
        : base(OneLine(message), innerException)
    {
    }

    // Messages quote paths and values of the image, which must not be able to forge further lines or move the cursor.
    private static string OneLine(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return string.Create(message.Length, message, static (line, text) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(text[i]) || text[i] is '\u2028' or '\u2029' ? '?' : text[i];
            }
        });
    }
}
