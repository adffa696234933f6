using System.CommandLine;
using TdpHw.Cli.CommandLine;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Images;

/// <summary>The argument and the options of commands that look at an image.</summary>
internal sealed class ImageOptions
{
    private readonly Argument<string?> _image = new("IMAGE")
    {
        Description = "A capture folder (capture.json and tables.bin), a raw file, or the text of intel-iommu's domain_translation_struct.",
    };

    private readonly Option<string?> _format = new("--format")
    {
        Description = "Format of the tables; needed for a raw file.",
        HelpName = "name",
    };

    private readonly Option<string?> _root = new("--root")
    {
        Description = "Root table, by address or by the name that a capture gives it; needed for a raw file.",
        HelpName = "hpa|name",
    };

    private readonly Option<string?> _levels = new("--levels")
    {
        Description = "Levels of a walk from the root.",
        HelpName = "n",
    };

    private readonly Option<string?> _base = new("--base")
    {
        Description = "Address of a raw file's first byte.",
        HelpName = "hpa",
    };

    private readonly Option<string[]> _map = new("--map")
    {
        Description = "Bytes of a raw file that are a range of memory (repeatable).",
        HelpName = "hpa:offset:size",
    };

    private readonly Option<string[]> _settings;

    /// <summary>The argument and options with their descriptions.</summary>
    /// <param name="settings">What <c>--set</c> is for, where it is not for the image's own machine.</param>
    public ImageOptions(string? settings = null)
    {
        _settings = settings is null ? SharedOptions.Settings() : SharedOptions.Settings(settings);
        SharedOptions.CompleteFormats(_format);
    }

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_image);
        command.Add(_format);
        command.Add(_root);
        command.Add(_levels);
        command.Add(_settings);
        command.Add(_base);
        command.Add(_map);
    }

    /// <summary>Lets the image be left out, as a command may need none.</summary>
    public void MakeOptional() => _image.Arity = ArgumentArity.ZeroOrOne;

    /// <summary>Whether an image is given.</summary>
    public bool IsGiven(ParseResult parse) => parse.GetValue(_image) is not null;

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">A value is malformed.</exception>
    public ImageRequest Read(ParseResult parse, string? overlay = null)
    {
        string? start = parse.GetValue(_base);
        return new ImageRequest
        {
            Path = parse.GetValue(_image) ?? throw new UsageException("an IMAGE is required"),
            FormatId = parse.GetValue(_format),
            Root = parse.GetValue(_root),
            Levels = SharedOptions.ParseSmall("--levels", parse.GetValue(_levels)),
            Settings = parse.GetValue(_settings) ?? [],
            Overlay = overlay,
            Base = start is null ? null : new HostPhysicalAddress(SharedOptions.ParseNumber("--base", start)),
            Segments = [.. (parse.GetValue(_map) ?? []).Select(ParseSegment)],
        };
    }

    private static MemorySegment ParseSegment(string text)
    {
        string[] parts = text.Split(':');
        if (parts.Length != 3)
        {
            throw new UsageException($"--map: '{text}' is not address:offset:size");
        }

        ulong[] numbers = [.. parts.Select(p => SharedOptions.ParseNumber($"--map '{text}'", p))];
        return numbers[1] <= long.MaxValue
            ? new MemorySegment(new(numbers[0]), (long)numbers[1], numbers[2])
            : throw new UsageException($"--map: '{text}' has an offset that no file reaches");
    }
}
