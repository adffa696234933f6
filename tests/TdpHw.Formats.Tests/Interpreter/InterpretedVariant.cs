namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>One variant of an overlay on a machine: what software means by entries.</summary>
internal sealed class InterpretedVariant
{
    private readonly VariantRow _variant;
    private readonly FieldRow[] _fields;
    private readonly FieldRow[] _views;
    private readonly EncodingRow[] _encodings;
    private readonly InterpretedRules _baseRules;
    private readonly Capabilities _capabilities;

    public InterpretedVariant(
        VariantRow variant,
        FieldRow[] fields,
        FieldRow[] views,
        EncodingRow[] encodings,
        InterpretedRules baseRules,
        Capabilities capabilities)
    {
        _variant = variant;
        _fields = fields;
        _views = views;
        _encodings = encodings;
        _baseRules = baseRules;
        _capabilities = capabilities;
    }

    /// <summary>The bits that software leaves zero in every entry.</summary>
    public ulong ZeroMask => _variant.Zero.Aggregate(0ul, (mask, bit) => mask | (1ul << bit));

    /// <summary>What software writes where a table holds nothing.</summary>
    public ulong EmptyValue => _encodings.Single(encoding => encoding.Name == "empty").Values[0];

    /// <summary>The software's fields of an entry that the hardware reads as table or leaf.</summary>
    public IReadOnlyList<FieldReading> FieldsOf(int level, EntryLayout layout, ulong raw) =>
    [
        .. _fields
            .Where(field => field.Narrowing.IsAt(level, layout))
            .Select(field => new FieldReading(field.Name, field.Symbol, field.ValueIn(raw))),
    ];

    /// <summary>The first special encoding that the entry matches, or null.</summary>
    public RecognisedEncoding? Recognise(int level, ulong raw)
    {
        foreach (EncodingRow encoding in _encodings)
        {
            bool matches = encoding.Condition?.Holds(symbol => ValueOf(symbol, level, raw)) ?? encoding.Values.Contains(raw);
            if (matches)
            {
                return new(
                    encoding.Name,
                    encoding.Fields
                        .Where(field => field.Variants.Include(_variant.Id))
                        .ToDictionary(field => field.Name, field => field.ValueIn(raw, _capabilities)));
            }
        }

        return null;
    }

    /// <summary>A field that a condition names: the overlay's own, or else the base's.</summary>
    private ulong ValueOf(string symbol, int level, ulong raw)
    {
        FieldRow? own = _fields.Concat(_views).SingleOrDefault(field => field.Symbol == symbol && field.Narrowing.IsAt(level));
        return own?.ValueIn(raw) ?? _baseRules.ValueOf(symbol, level, raw);
    }
}
