using TdpHw.Cli.Input;

namespace TdpHw.Cli.Output;

/// <summary>Stands for a standard stream that the program was started without: each use of it says so.</summary>
/// <param name="name">What the stream is called.</param>
internal sealed class ClosedStream(string name) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new InputException($"{name} is closed");

    public override void Write(byte[] buffer, int offset, int count) => throw new IOException($"{name} is closed");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
