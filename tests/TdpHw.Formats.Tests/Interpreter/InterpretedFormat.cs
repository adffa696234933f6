using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>
/// A page-table format, read from its definition at run time. It is the slow and obvious twin of the generated code, and
/// shares none of it: where the two differ, one of them misreads the definition.
/// </summary>
internal sealed class InterpretedFormat
{
    private InterpretedFormat(YamlMap map)
    {
        if (map.Int32("hwdef") != 1 || map.Text("kind") != "page-table-format")
        {
            throw new InvalidDataException("This is no definition of a page-table format of version 1.");
        }

        Id = map.Text("id");
        PageShift = map.Int32("page");
        IndexBits = map.Int32("index");
        LevelCount = ((YamlMappingNode)map.Node("levels")).Children.Count;
        CheckOrder = map.Text("check-order") switch
        {
            "malformed-first" => CheckOrder.MalformedFirst,
            "permission-first" => CheckOrder.PermissionFirst,
            var word => throw new InvalidDataException($"'{word}' is no order of checks."),
        };
        IsCanonical = map.TextOrNull("canonical") == "true";
        Required = map.Texts("requires").Aggregate(TdpHw.Formats.Rights.None, (rights, word) => rights | RightRow.Parse(word));
        Walks = [.. map.Rows("walks").Select(WalkRow.Read)];
        Capabilities = [.. map.Rows("capabilities").Select(CapabilityRow.Read)];
        Fields = [.. map.Rows("fields").Where(node => !AddressRow.IsAddress(node)).Select(FieldRow.Read)];
        Views = [.. map.Rows("views").Select(FieldRow.ReadView)];
        Address = AddressRow.Read(map.Rows("fields").Single(AddressRow.IsAddress));
        Bits =
        [
            .. map.Rows("reserved").Select(node => BitRow.Read(node, BitMeaning.Reserved)),
            .. map.Rows("res0").Select(node => BitRow.Read(node, BitMeaning.Res0)),
            .. map.Rows("ignored").Select(node => BitRow.Read(node, BitMeaning.Ignored)),
        ];
        Present = [.. map.Rows("present").Select(PresentRow.Read)];
        Leaf = [.. map.Rows("leaf").Select(LeafRow.Read)];
        Illegal = [.. map.Rows("illegal").Select(IllegalRow.Read)];
        Rights = [.. map.Rows("rights").Select(RightRow.Read)];
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

    /// <summary>Reads a definition from a file.</summary>
    public static InterpretedFormat Load(string path) => Parse(File.ReadAllText(path));

    /// <summary>Reads a definition from text.</summary>
    public static InterpretedFormat Parse(string yaml) => new(new YamlMap(
        YamlMap.Document(yaml),
        "hwdef", "kind", "name", "id", "doc", "sources", "cite", "input", "page", "index", "check-order",
        "malformed-word", "canonical", "levels", "manual-levels", "walks", "capabilities", "enums", "fields", "views", "reserved", "res0", "ignored", "present",
        "leaf", "illegal", "rights", "requires", "windows"));

    /// <summary>The format on a machine; a capability that is not given has its default.</summary>
    public InterpretedRules Resolve(IReadOnlyDictionary<string, ulong> capabilities) =>
        new(this, new Capabilities(Capabilities, capabilities));
}
