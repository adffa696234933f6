namespace TdpHw.Cli.Input;

/// <summary>
/// Reads lines of bytes as they come. Before it has to wait for more, it says so, and answers collected so far can be
/// handed on: a program at the other end of two pipes may be waiting for them.
/// </summary>
/// <param name="stream">Where the lines come from.</param>
/// <param name="beforeWait">Called before each read that may wait.</param>
/// <param name="name">What the stream is called, for messages.</param>
internal sealed class LineReader(Stream stream, Action beforeWait, string name = "standard input")
{
    /// <summary>A longer line is given cut: it can't be a sensible question, and the input must not fill the memory.</summary>
    public const int MaxLength = 1 << 20;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isAtStart = true;
    private bool _isAtEnd;

    /// <summary>The line, without its end; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Whether the line was longer than <see cref="MaxLength"/> and is not whole.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Goes to the next line.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Read()
    {
        IsCut = false;
        int searched = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                Take(searched + newline, skip: 1);
                return true;
            }

            searched = _end - _start;
            if (_isAtEnd)
            {
                Take(searched, skip: 0);
                return searched != 0;
            }

            if (searched > MaxLength)
            {
                // What is kept is enough to show the line; the rest of it is read and forgotten.
                IsCut = true;
                _end = _start + MaxLength;
                searched = MaxLength;
            }

            Fill();
        }
    }

    private void Take(int length, int skip)
    {
        ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, length);
        _start += length + skip;
        if (_isAtStart && line.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            line = line[3..];
        }

        _isAtStart = false;
        Line = line.Span is [.., (byte)'\r'] ? line[..^1] : line;
    }

    private void Fill()
    {
        if (_start != 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        beforeWait();
        int read;
        try
        {
            read = stream.Read(_buffer.AsSpan(_end));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{name} can't be read: {e.Message}");
        }

        _isAtEnd = read == 0;
        _end += read;
    }
}
