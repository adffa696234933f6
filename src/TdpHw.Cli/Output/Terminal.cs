namespace TdpHw.Cli.Output;

/// <summary>What a run of the program reads from and writes to.</summary>
/// <param name="openInput">Opens the input; most runs read none.</param>
/// <param name="output">Where data goes.</param>
/// <param name="errors">Where messages go, a line each.</param>
internal sealed class Terminal(Func<Stream> openInput, Utf8Output output, TextWriter errors)
{
    // Narrower terminals break the lines themselves, which is easier to read than broken cells; some tell no width at all.
    private const int UsualWidth = 80;

    /// <summary>The input.</summary>
    public Stream Input => field ??= openInput();

    /// <summary>Where data goes.</summary>
    public Utf8Output Output => output;

    /// <summary>Where messages go, a line each.</summary>
    public TextWriter Errors => errors;

    /// <summary>Says when nobody waits for the rest any more: after Ctrl-C, or a request to terminate.</summary>
    public CancellationToken Ended { get; init; }

    /// <summary>Whether a person sees the output directly.</summary>
    public bool OutputIsTerminal { get; init; }

    /// <summary>Whether a person sees the messages directly.</summary>
    public bool ErrorsAreTerminal { get; init; }

    /// <summary>Whether colours are wanted where a person sees them.</summary>
    public bool UseColor { get; init; } = true;

    /// <summary>The terminal's width in columns, where there is one.</summary>
    public int Width { get; init; } = UsualWidth;

    /// <summary>The process's own input and output.</summary>
    /// <param name="ended">Says when nobody waits for the rest any more.</param>
    public static Terminal OfProcess(CancellationToken ended)
    {
        bool outputIsTerminal = !Console.IsOutputRedirected;
        return new Terminal(StandardInput, new Utf8Output(StandardOutput.Open()), new StandardError())
        {
            Ended = ended,
            OutputIsTerminal = outputIsTerminal,
            ErrorsAreTerminal = !Console.IsErrorRedirected,
            UseColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Width = outputIsTerminal && Console.WindowWidth is > UsualWidth and var width ? width : UsualWidth,
        };
    }

    private static Stream StandardInput() =>
        InheritedHandle.IsMissing(0) ? new ClosedStream("standard input") : Console.OpenStandardInput();

    /// <summary>Writes a message as one line, whatever it quotes.</summary>
    public void Report(string message) => Errors.Write($"tdphw: {OneLine(message)}\n");

    /// <summary>Text without what could begin a line or move the cursor: it may quote anything.</summary>
    public static string OneLine(string message) =>
        string.Create(message.Length, message, static (line, text) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(text[i]) ? ' ' : text[i];
            }
        });
}
