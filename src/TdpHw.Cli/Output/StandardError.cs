using System.Text;

namespace TdpHw.Cli.Output;

/// <summary>The process's messages, opened with the first one: most runs have none, and opening takes a while.</summary>
internal sealed class StandardError : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => Console.Error.Encoding;

    /// <inheritdoc/>
    public override void Write(char value) => Console.Error.Write(value);

    /// <inheritdoc/>
    public override void Write(string? value) => Console.Error.Write(value);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Console.Error.Write(buffer, index, count);

    /// <inheritdoc/>
    public override void Flush() => Console.Error.Flush();
}
