namespace TdpHw.Cli.Tests.Simulating;

/// <summary>A stream as long as a test needs that holds the same bytes over and over.</summary>
internal sealed class RepeatedBytes(byte[] first, byte[] repeated, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read = (int)Math.Min(count, length - Position);
        for (int i = 0; i < read; i++, Position++)
        {
            buffer[offset + i] = Position < first.Length
                ? first[Position]
                : repeated[(Position - first.Length) % repeated.Length];
        }

        return read;
    }

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
