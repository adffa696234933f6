using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TdpHw.Memory;

/// <summary>Reads a text file line by line and knows where it is. Files whose length the system does not tell are fine.</summary>
/// <param name="file">The file.</param>
/// <param name="path">Its path, for messages.</param>
internal sealed class TextLines(SafeFileHandle file, string path)
{
    // Longer lines are none of a kernel's; a bound, because a line is held while it is read.
    private const int MaxLength = 4096;

    private readonly byte[] _buffer = new byte[16 * MaxLength];
    private long _offset;
    private int _start;
    private int _end;

    /// <summary>The number of the line that was read last, counted from 1.</summary>
    public int Number { get; private set; }

    /// <summary>Reads the next line.</summary>
    /// <returns>The line without its end, or null after the last one.</returns>
    /// <exception cref="ImageException">The file can't be read, or the line is too long to be text of a kernel.</exception>
    public string? Read()
    {
        int length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (length < 0 && Fill())
        {
            length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        }

        bool isLast = length < 0;
        length = isLast ? _end - _start : length;
        if (isLast && length == 0)
        {
            return null;
        }

        Number++;
        if (length > MaxLength)
        {
            throw Malformed($"a line of more than {MaxLength} bytes");
        }

        string line = Encoding.UTF8.GetString(_buffer, _start, length);
        _start += isLast ? length : length + 1;
        return line;
    }

    /// <summary>What to say of the line that was read last.</summary>
    public ImageException Malformed(string message) => new($"{path}:{Number}: {message}");

    private bool Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        try
        {
            int read = RegularFile.ReadAt(file, _buffer.AsSpan(_end), _offset);
            _offset += read;
            _end += read;
            return read != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path}: can't be read: {e.Message}", e);
        }
    }
}
