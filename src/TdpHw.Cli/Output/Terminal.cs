namespace TdpHw.Cli.Output;

/// <summary>What a run of the program reads from and writes to.</summary>
/// <param name="openInput">Opens the input; most runs read none.</param>
/// <param name="output">Where data goes.</param>
/// <param name="errors">Where messages go, a line each.</param>
internal sealed class Terminal(Func<Stream> openInput, Utf8Output output, TextWriter errors)
{
    // Narrower terminals break the lines themselves, which is easier to read than broken cells; some tell no width at all.
    private const int UsualWidth = 80;

    private bool? _outputIsTerminal;
    private int? _width;

    /// <summary>The input.</summary>
    public Stream Input => field ??= openInput();

    /// <summary>Where data goes.</summary>
    public Utf8Output Output => output;

    /// <summary>Where messages go, a line each.</summary>
    public TextWriter Errors => errors;

    /// <summary>Says when nobody waits for the rest any more: after Ctrl-C, or a request to terminate.</summary>
    public CancellationToken Ended { get; init; }

    /// <summary>Whether a person sees the output directly.</summary>
    public bool OutputIsTerminal
    {
        get => _outputIsTerminal ??= IsOfProcess && !Console.IsOutputRedirected;
        init => _outputIsTerminal = value;
    }

    /// <summary>Whether a person sees the messages directly.</summary>
    public bool ErrorsAreTerminal => IsOfProcess && !Console.IsErrorRedirected;

    /// <summary>Whether colours are wanted where a person sees them.</summary>
    public bool UseColor { get; init; } = true;

    /// <summary>The terminal's width in columns, where there is one.</summary>
    public int Width
    {
        get => _width ??= IsOfProcess && OutputIsTerminal ? Math.Max(Console.WindowWidth, UsualWidth) : UsualWidth;
        init => _width = value;
    }

    // The console is asked when the answer is wanted: most runs write the same to a terminal and to a file.
    private bool IsOfProcess { get; init; }

    /// <summary>The process's own input and output.</summary>
    /// <param name="ended">Says when nobody waits for the rest any more.</param>
    public static Terminal OfProcess(CancellationToken ended) =>
        new(StandardInput, new Utf8Output(StandardOutput.Open), new StandardError())
        {
            IsOfProcess = true,
            Ended = ended,
            UseColor = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
        };

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
