using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// A page-table format, read from its definition at run time. It is the slow and obvious twin of the generated code, and
/// shares none of it: where the two differ, one of them misreads the definition.
/// </summary>
internal sealed class InterpretedFormat
{
    private static readonly string[] Keys =
    [
        "hwdef", "kind", "name", "id", "extends", "doc", "sources", "cite", "input", "page", "index", "check-order", "malformed-word",
        "canonical", "levels", "manual-levels", "walks", "capabilities", "enums", "fields", "views", "reserved", "res0", "ignored",
        "present", "leaf", "illegal", "rights", "requires", "windows",
    ];

    private InterpretedFormat(IReadOnlyList<YamlMap> maps)
    {
        if (maps.Any(map => map.Int32("hwdef") != 1 || map.Text("kind") != "page-table-format"))
        {
            throw new InvalidDataException("This is no definition of a page-table format of version 1.");
        }

        var layers = new FormatLayers(maps);
        Id = maps[0].Text("id");
        PageShift = layers.Int32("page");
        IndexBits = layers.Int32("index");
        LevelCount = layers.LevelCount;
        CheckOrder = layers.Text("check-order") switch
        {
            "malformed-first" => CheckOrder.MalformedFirst,
            "permission-first" => CheckOrder.PermissionFirst,
            var word => throw new InvalidDataException($"'{word}' is no order of checks."),
        };
        IsCanonical = layers.TextOrNull("canonical") == "true";
        Required = layers.Whole("requires").Aggregate(
            TdpHw.Formats.Rights.None, (rights, word) => rights | RightRow.Parse(((YamlScalarNode)word).Value!));
        Walks = [.. layers.Whole("walks").Select(WalkRow.Read).Where(walk => walk.Levels <= LevelCount)];
        Capabilities = [.. layers.Named("capabilities").Select(row => CapabilityRow.Read(row.Row))];
        (YamlNode Row, int Layer)[] fields = [.. layers.Named("fields")];
        Fields = [.. fields.Where(row => !AddressRow.IsAddress(row.Row)).Select(row => FieldRow.Read(row.Row, row.Layer))];
        Views = [.. layers.Named("views", "sym").Select(row => FieldRow.ReadView(row.Row))];
        Address = AddressRow.Read(fields.Single(row => AddressRow.IsAddress(row.Row)).Row);
        Bits =
        [
            .. layers.All("reserved").Select(row => BitRow.Read(row.Row, BitMeaning.Reserved, row.Layer)),
            .. layers.All("res0").Select(row => BitRow.Read(row.Row, BitMeaning.Res0, row.Layer)),
            .. layers.All("ignored").Select(row => BitRow.Read(row.Row, BitMeaning.Ignored, row.Layer)),
        ];
        Present = [.. layers.ByLevel("present", PresentRow.Read, row => row.Narrowing, (row, narrowing) => row with { Narrowing = narrowing })];
        Leaf = [.. layers.ByLevel("leaf", LeafRow.Read, row => row.Narrowing, (row, narrowing) => row with { Narrowing = narrowing })];
        Illegal = [.. layers.Named("illegal").Select(row => IllegalRow.Read(row.Row)).Where(row => IsSomewhere(row.Narrowing))];
        Rights = [.. layers.Named("rights", "right").Select(row => RightRow.Read(row.Row)).Where(row => IsSomewhere(row.Narrowing))];
    }

    public string Id { get; }

    public int PageShift { get; }

    public int IndexBits { get; }

    public int LevelCount { get; }

    public CheckOrder CheckOrder { get; }

    /// <summary>Whether input addresses are sign-extended.</summary>
    public bool IsCanonical { get; }

    /// <summary>Rights without which a path grants no access.</summary>
    public Rights Required { get; }

    public IReadOnlyList<WalkRow> Walks { get; }

    public IReadOnlyList<CapabilityRow> Capabilities { get; }

    public IReadOnlyList<FieldRow> Fields { get; }

    /// <summary>Second names of bits, for conditions.</summary>
    public IReadOnlyList<FieldRow> Views { get; }

    public AddressRow Address { get; }

    /// <summary>An address is its bits in the entry shifted left by this.</summary>
    public int AddressShift => PageShift - Address.Bits[^1];

    public IReadOnlyList<BitRow> Bits { get; }

    public IReadOnlyList<PresentRow> Present { get; }

    public IReadOnlyList<LeafRow> Leaf { get; }

    public IReadOnlyList<IllegalRow> Illegal { get; }

    public IReadOnlyList<RightRow> Rights { get; }

    /// <summary>Reads a definition from text that extends nothing.</summary>
    public static InterpretedFormat Parse(string yaml) => Parse(
        yaml, name => throw new InvalidDataException($"There is no '{name}' to extend."));

    /// <summary>Reads a definition from text.</summary>
    /// <param name="yaml">The definition.</param>
    /// <param name="textOf">Gives the text of a definition that is extended, by its name.</param>
    public static InterpretedFormat Parse(string yaml, Func<string, string> textOf)
    {
        List<YamlMap> layers = [new YamlMap(YamlMap.Document(yaml), Keys)];
        while (layers[^1].TextOrNull("extends") is { } name)
        {
            layers.Add(new YamlMap(YamlMap.Document(textOf(name)), Keys));
        }

        return new InterpretedFormat(layers);
    }

    /// <summary>The format on a machine; a capability that is not given has its default.</summary>
    public InterpretedRules Resolve(IReadOnlyDictionary<string, ulong> capabilities) =>
        new(this, new Capabilities(Capabilities, capabilities));

    private bool IsSomewhere(Narrowing narrowing) => Enumerable.Range(1, LevelCount).Any(narrowing.IsAt);
}
