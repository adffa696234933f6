namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>Software's use of a format, read from its definition at run time.</summary>
internal sealed class InterpretedOverlay
{
    private readonly string[] _unless;
    private readonly CapabilityRow[] _capabilities;
    private readonly VariantRow[] _variants;
    private readonly OverlayFieldRow[] _fields;
    private readonly FieldRow[] _views;
    private readonly EncodingRow[] _encodings;

    private InterpretedOverlay(YamlMap map)
    {
        if (map.Int32("hwdef") != 1 || map.Text("kind") != "overlay")
        {
            throw new InvalidDataException("This is no definition of an overlay of version 1.");
        }

        _unless = [.. map.Texts("unless")];
        _variants = [.. map.Rows("variants").Select(VariantRow.Read)];
        _capabilities = [.. map.Rows("capabilities").Select(CapabilityRow.Read)];
        _fields = [.. map.Rows("fields").Select(OverlayFieldRow.Read)];
        _views = [.. map.Rows("views").Select(FieldRow.ReadView)];
        _encodings = [.. map.Rows("encodings").Select(EncodingRow.Read)];
    }

    /// <summary>The ids of the variants, the default first.</summary>
    public IEnumerable<string> VariantIds => _variants.Select(variant => variant.Id);

    /// <summary>Reads a definition from a file.</summary>
    public static InterpretedOverlay Load(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads a definition from text.</summary>
    public static InterpretedOverlay Parse(string yaml) => new(new YamlMap(
        YamlMap.Document(yaml),
        "hwdef", "kind", "name", "id", "base", "default", "unless", "doc", "sources", "cite", "variants", "capabilities",
        "enums", "fields", "views", "encodings"));

    /// <summary>One variant, over the rules of its base on a machine.</summary>
    /// <param name="variantId">Which variant.</param>
    /// <param name="baseRules">The rules of the base.</param>
    /// <param name="capabilities">The overlay's own capabilities.</param>
    public InterpretedVariant Resolve(
        string variantId, InterpretedRules baseRules, IReadOnlyDictionary<string, ulong> capabilities)
    {
        if (_unless.FirstOrDefault(baseRules.Has) is { } taken)
        {
            throw new ArgumentException($"The overlay is for hardware without '{taken}'.", nameof(baseRules));
        }

        return new(
            _variants.Single(variant => variant.Id == variantId),
            [.. _fields.Where(row => row.Variants.Include(variantId)).Select(row => row.Field)],
            _views,
            [.. _encodings.Where(row => row.Variants.Include(variantId))],
            baseRules,
            new Capabilities(_capabilities, capabilities));
    }
}
