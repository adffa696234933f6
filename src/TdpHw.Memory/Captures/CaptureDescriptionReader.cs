using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>
/// Reads a <c>capture.json</c> in one pass over its tokens, because only tokens know their line and column. What is not
/// asked for is skipped, but must be JSON.
/// </summary>
internal ref struct CaptureDescriptionReader
{
    // Far above any real description; a bound, because the whole file is held while it is read.
    private const int MaxBytes = 64 << 20;
    private const int MaxLevels = 6;
    private const string NumberWanted = "a whole number from 0 to 2^64-1 (decimal, or a string \"0x…\")";

    private readonly string _path;
    private readonly ReadOnlySpan<byte> _json;
    private Utf8JsonReader _reader;

    private CaptureDescriptionReader(string path, ReadOnlySpan<byte> json)
    {
        _path = path;
        _json = json;
        _reader = new Utf8JsonReader(json);
    }

    /// <summary>Reads the file at <paramref name="path"/>.</summary>
    /// <exception cref="ImageException">It can't be read or is malformed.</exception>
    public static CaptureDescription Read(string path)
    {
        ReadOnlySpan<byte> json = ReadBytes(path);
        if (json.StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        if (json.Trim(" \t\r\n"u8).IsEmpty)
        {
            throw new ImageException($"{path}: is empty");
        }

        try
        {
            return new CaptureDescriptionReader(path, json).ReadDocument();
        }
        catch (JsonException e)
        {
            int lineStart = StartOfLine(json, e.LineNumber ?? 0);
            int offset = (int)Math.Min(lineStart + (e.BytePositionInLine ?? 0), json.Length);
            throw new ImageException($"{path}:{PositionOf(json, offset)}: {WithoutPosition(e.Message)}", e);
        }
    }

    private CaptureDescription ReadDocument()
    {
        string? format = null;
        ImmutableArray<ImageParameter> parameters = [];
        List<PlacedRoot>? roots = null;
        ImmutableDictionary<string, byte[]?> sha256 = ImmutableDictionary<string, byte[]?>.Empty;

        _reader.Read();
        Expect(JsonTokenType.StartObject, "", "an object");
        HashSet<string> seen = [];
        while (NextProperty("", seen, out string name))
        {
            switch (name)
            {
                case "format":
                    Expect(JsonTokenType.String, name, "a string");
                    format = ReadString(name);
                    break;
                case "parameters":
                    parameters = ReadParameters(name);
                    break;
                case "roots":
                    roots = ReadRoots(name);
                    break;
                case "sha256":
                    sha256 = ReadSha256(name);
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        // Says so when anything but space follows.
        _reader.Read();
        if (string.IsNullOrEmpty(format))
        {
            throw new ImageException($"{_path}: property 'format' is missing or empty");
        }

        return new CaptureDescription(
            format,
            parameters,
            WithLevels(roots ?? throw new ImageException($"{_path}: property 'roots' is missing"), parameters),
            sha256);
    }

    // A capture of tables that are all alike may say once how deep they are.
    private readonly ImmutableArray<ImageRoot> WithLevels(
        List<PlacedRoot> roots, ImmutableArray<ImageParameter> parameters)
    {
        ImageParameter told = parameters.FirstOrDefault(p => p.Name == "levels");
        int? usual = told is { Kind: ImageParameterKind.Number, Number: >= 1 and <= MaxLevels } ? (int)told.Number : null;
        ImmutableArray<ImageRoot>.Builder all = ImmutableArray.CreateBuilder<ImageRoot>(roots.Count);
        for (int i = 0; i < roots.Count; i++)
        {
            PlacedRoot root = roots[i];
            all.Add(new ImageRoot(
                root.Name,
                root.Table,
                root.Levels ?? usual ?? throw Fail(
                    root.Offset,
                    string.Create(CultureInfo.InvariantCulture, $"roots[{i}]"),
                    "property 'levels' is missing")));
        }

        return all.ToImmutable();
    }

    private ImmutableArray<ImageParameter> ReadParameters(string place)
    {
        Expect(JsonTokenType.StartObject, place, "an object");
        ImmutableArray<ImageParameter>.Builder parameters = ImmutableArray.CreateBuilder<ImageParameter>();
        HashSet<string> seen = [];
        while (NextProperty(place, seen, out string name))
        {
            parameters.Add(ReadParameter($"{place}.{name}", name));
        }

        return parameters.ToImmutable();
    }

    private ImageParameter ReadParameter(string place, string name)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.Null:
                return new(name, ImageParameterKind.Null, 0, "null");
            case JsonTokenType.True:
                return new(name, ImageParameterKind.Flag, 1, "true");
            case JsonTokenType.False:
                return new(name, ImageParameterKind.Flag, 0, "false");
            case JsonTokenType.String:
                string text = ReadString(place);
                return TryParse(text, out ulong parsed)
                    ? new(name, ImageParameterKind.Number, parsed, text)
                    : new(name, ImageParameterKind.Text, 0, text);
            case JsonTokenType.Number:
                string digits = Encoding.UTF8.GetString(_reader.ValueSpan);
                return _reader.TryGetUInt64(out ulong number)
                    ? new(name, ImageParameterKind.Number, number, digits)
                    : new(name, ImageParameterKind.Text, 0, digits);
            default:
                int start = (int)_reader.TokenStartIndex;
                _reader.Skip();
                return new(
                    name, ImageParameterKind.Text, 0, Encoding.UTF8.GetString(_json[start..(int)_reader.BytesConsumed]));
        }
    }

    private List<PlacedRoot> ReadRoots(string place)
    {
        Expect(JsonTokenType.StartArray, place, "an array");
        List<PlacedRoot> roots = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            roots.Add(ReadRoot(string.Create(CultureInfo.InvariantCulture, $"{place}[{roots.Count}]")));
        }

        return roots;
    }

    private PlacedRoot ReadRoot(string place)
    {
        Expect(JsonTokenType.StartObject, place, "an object");
        long start = _reader.TokenStartIndex;
        string rootName = "";
        HostPhysicalAddress? table = null;
        int? levels = null;
        HashSet<string> seen = [];
        while (NextProperty(place, seen, out string name))
        {
            string member = $"{place}.{name}";
            switch (name)
            {
                case "name" when _reader.TokenType == JsonTokenType.Null:
                    break;
                case "name":
                    Expect(JsonTokenType.String, member, "a string");
                    rootName = ReadString(member);
                    break;
                case "hpa":
                    table = new HostPhysicalAddress(ReadNumber(member));
                    break;
                case "levels":
                    ulong number = ReadNumber(member);
                    levels = number is >= 1 and <= MaxLevels
                        ? (int)number
                        : throw Fail(_reader.TokenStartIndex, member, $"{number} levels; a walk has 1 to {MaxLevels}");
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        return new PlacedRoot(
            rootName, table ?? throw Fail(start, place, "property 'hpa' is missing"), levels, start);
    }

    private ImmutableDictionary<string, byte[]?> ReadSha256(string place)
    {
        Expect(JsonTokenType.StartObject, place, "an object");
        ImmutableDictionary<string, byte[]?>.Builder hashes = ImmutableDictionary.CreateBuilder<string, byte[]?>();
        HashSet<string> seen = [];
        while (NextProperty(place, seen, out string name))
        {
            if (name != CaptureImage.TablesFile && _reader.TokenType != JsonTokenType.String)
            {
                hashes.Add(name, null);
                _reader.Skip();
                continue;
            }

            string member = $"{place}['{name}']";
            Expect(JsonTokenType.String, member, "a string");
            string digits = ReadString(member);
            bool isHash = digits.Length == 64 && digits.All(char.IsAsciiHexDigit);
            hashes.Add(
                name,
                isHash ? Convert.FromHexString(digits)
                : name != CaptureImage.TablesFile ? null
                : throw Fail(_reader.TokenStartIndex, member, "is not a SHA-256 of 64 hexadecimal digits"));
        }

        return hashes.ToImmutable();
    }

    /// <summary>Reads the name of the next property and moves to its value; false at the object's end.</summary>
    private bool NextProperty(string place, HashSet<string> seen, out string name)
    {
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.EndObject)
        {
            name = "";
            return false;
        }

        name = ReadString(place);
        if (!seen.Add(name))
        {
            throw Fail(_reader.TokenStartIndex, place, $"property '{name}' stands there twice");
        }

        _reader.Read();
        return true;
    }

    private ulong ReadNumber(string place)
    {
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetUInt64(out ulong number))
        {
            return number;
        }

        if (_reader.TokenType == JsonTokenType.String)
        {
            string text = ReadString(place);
            return TryParse(text, out number)
                ? number
                : throw Fail(_reader.TokenStartIndex, place, $"\"{text}\" is not {NumberWanted}");
        }

        string found = _reader.TokenType == JsonTokenType.Number
            ? Encoding.UTF8.GetString(_reader.ValueSpan)
            : Name(_reader.TokenType);
        throw Fail(_reader.TokenStartIndex, place, $"{found} is not {NumberWanted}");
    }

    private readonly string ReadString(string place)
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // How the reader tells of bytes or escapes that are no text.
            throw new ImageException($"{At(_reader.TokenStartIndex, place)}a string that is not valid Unicode", e);
        }
    }

    private readonly void Expect(JsonTokenType type, string place, string wanted)
    {
        if (_reader.TokenType != type)
        {
            throw Fail(_reader.TokenStartIndex, place, $"expected {wanted}, found {Name(_reader.TokenType)}");
        }
    }

    private readonly ImageException Fail(long offset, string place, string what) => new(At(offset, place) + what);

    private readonly string At(long offset, string place) =>
        $"{_path}:{PositionOf(_json, (int)offset)}: {place}{(place.Length == 0 ? "" : ": ")}";

    private static bool TryParse(string text, out ulong number) => NumberText.TryParse(text, out number, out _);

    private readonly record struct PlacedRoot(string Name, HostPhysicalAddress Table, int? Levels, long Offset);

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "true or false",
    };

    /// <summary>Line and column of a byte, both from 1, columns counted in characters as editors do.</summary>
    private static string PositionOf(ReadOnlySpan<byte> json, int offset)
    {
        ReadOnlySpan<byte> before = json[..offset];
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{line}:{column}");
    }

    private static int StartOfLine(ReadOnlySpan<byte> json, long line)
    {
        int start = 0;
        for (; line > 0; line--)
        {
            start += json[start..].IndexOf((byte)'\n') + 1;
        }

        return start;
    }

    private static string WithoutPosition(string message)
    {
        int end = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    private static byte[] ReadBytes(string path)
    {
        using SafeFileHandle file = RegularFile.Open(path);
        long length = RegularFile.LengthOf(file, path);
        if (length > MaxBytes)
        {
            throw new ImageException($"{path}: {length} bytes are too much for a description; at most {MaxBytes} are read");
        }

        byte[] bytes = new byte[length];
        try
        {
            int read = RegularFile.ReadAt(file, bytes, 0);
            return bytes[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException($"{path}: can't be read: {e.Message}", e);
        }
    }
}
