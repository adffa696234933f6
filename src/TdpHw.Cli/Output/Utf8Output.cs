using System.Buffers;
using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace TdpHw.Cli.Output;

/// <summary>
/// The program's output: UTF-8 text, collected in a buffer, so that a listing of millions of rows costs neither a string
/// nor a system call for each.
/// </summary>
/// <param name="open">Opens where the bytes go.</param>
internal sealed class Utf8Output(Func<Stream> open) : IBufferWriter<byte>
{
    private const int InitialCapacity = 1 << 16;

    // Error numbers that mean "closed by the reader": EPIPE, and ERROR_BROKEN_PIPE and ERROR_NO_DATA of Windows.
    private const int BrokenPipe = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);

    private readonly Lazy<Stream> _stream = new(open);
    private byte[] _buffer = new byte[InitialCapacity];
    private int _used;

    /// <summary>An output that is open already.</summary>
    public Utf8Output(Stream stream)
        : this(() => stream)
    {
    }

    /// <summary>Opens what would be opened by the first flush. May be called while another thread writes.</summary>
    public void Open() => _ = _stream.Value;

    /// <summary>Writes text.</summary>
    public void Write(string text) => Write(text.AsSpan());

    /// <summary>Writes text.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        Span<byte> space = GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _used += Encoding.UTF8.GetBytes(text, space);
    }

    /// <summary>Writes text that is UTF-8 already.</summary>
    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(GetSpan(text.Length));
        _used += text.Length;
    }

    /// <summary>Writes text and ends the line.</summary>
    public void WriteLine(string text = "")
    {
        Write(text);
        Write("\n"u8);
    }

    /// <summary>Writes a number in lower-case hexadecimal with <c>0x</c>, without leading zeros.</summary>
    public void WriteHex(ulong value)
    {
        // Room first: making it may empty the buffer.
        Span<byte> space = GetSpan(HexCapacity);
        _used += FormatHex(value, space);
    }

    /// <summary>Writes a number in decimal.</summary>
    public void WriteDecimal(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(20), out int written);
        _used += written;
    }

    /// <summary>The most bytes that a number in hexadecimal takes.</summary>
    public const int HexCapacity = 18;

    /// <summary>Writes <c>0x</c> and lower-case digits without leading zeros to <paramref name="space"/>.</summary>
    /// <returns>How many bytes were written.</returns>
    public static int FormatHex(ulong value, Span<byte> space)
    {
        int digits = Math.Max(1, (67 - BitOperations.LeadingZeroCount(value)) / 4);
        space[0] = (byte)'0';
        space[1] = (byte)'x';
        for (int i = digits + 1; i > 1; i--)
        {
            space[i] = "0123456789abcdef"u8[(int)(value & 15)];
            value >>= 4;
        }

        return digits + 2;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _used += count;

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsSpan(_used);
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        MakeRoom(sizeHint);
        return _buffer.AsMemory(_used);
    }

    /// <summary>Hands on what was collected.</summary>
    /// <exception cref="OutputClosedException">The reader is gone.</exception>
    /// <exception cref="OutputFailedException">The bytes can't be written.</exception>
    public void Flush()
    {
        int count = _used;
        if (count == 0)
        {
            return;
        }

        // Given up before the attempt, so that a second flush after a failure does not write the same bytes again.
        _used = 0;
        try
        {
            _stream.Value.Write(_buffer, 0, count);
            _stream.Value.Flush();
        }
        catch (IOException e)
        {
            throw e.HResult is BrokenPipe or WindowsBrokenPipe or WindowsNoData
                ? new OutputClosedException()
                : new OutputFailedException(e);
        }
        catch (UnauthorizedAccessException e)
        {
            // How the system's "bad file descriptor" arrives: the program was started without an output.
            throw new OutputFailedException(e);
        }
    }

    private void MakeRoom(int sizeHint)
    {
        int wanted = Math.Max(sizeHint, 1);
        if (_buffer.Length - _used >= wanted)
        {
            return;
        }

        Flush();
        if (_buffer.Length < wanted)
        {
            _buffer = new byte[wanted];
        }
    }
}
