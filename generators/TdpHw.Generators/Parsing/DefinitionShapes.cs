using static TdpHw.Generators.Parsing.ValueShape;

namespace TdpHw.Generators.Parsing;

/// <summary>
/// The keys of definitions, all of them and nowhere else: the parser checks files against this, and a test holds the JSON
/// Schema that editors use against it.
/// </summary>
internal static class DefinitionShapes
{
    /// <summary>The key that names a base.</summary>
    public const string Extends = "extends";

    public static readonly string[] Layouts = ["leaf", "table", "not-present"];

    private static readonly string[] Rights = ["read", "write", "execute", "user-execute", "user"];

    private static readonly MapShape EnumMember = Map("an enumeration member", "members",
        Required("value", Number), Required("name", Name), Required("doc", Text));

    private static readonly KeyShape[] Head =
    [
        Required("hwdef", Number), Required("kind", Word("page-table-format", "overlay", "register", "struct")),
        Required("name", Name), Required("id", Name), Required("doc", Text),
        Required("sources", new DictionaryShape(Text)), Optional("cite", Text),
        Optional("enums", new DictionaryShape(ListOf(EnumMember))),
    ];

    private static readonly KeyShape[] Conditions = [Optional("needs", Names), Optional("unless", Names), Optional("cite", Text)];

    private static readonly KeyShape When = Optional("when", new DictionaryShape(Ranges));
    private static readonly KeyShape Any = Optional("any", Names);
    private static readonly KeyShape Not = Optional("not", new DictionaryShape(Number));

    private static readonly MapShape Walk = Map("a walk", "walks",
        [Required("levels", Number), Required("input", NumberOrName), .. Conditions]);

    private static readonly MapShape Capability = Map("a capability", "capabilities",
        Required("name", Name), Optional("property", Name), Optional("width", Ranges), Optional("flag", Flag),
        Optional("optional", Flag), Optional("default", Number), Optional("from", Name), Required("doc", Text),
        Optional("cite", Text));

    private static readonly MapShape Field = Map("a field", "fields",
    [
        Required("name", Name), Required("sym", Name), Required("bits", BitsOrName), Optional("levels", Ranges),
        Optional("for", Words(Layouts)), Optional("else", Word("ignored", "reserved", "res0")), Optional("enum", Name),
        Optional("role", Word("address", "address-high", "accessed", "dirty", "memory-type", "next-level")),
        Optional("limit", Name), Optional("at", Bits), Optional("above", Word("reserved", "res0", "illegal")),
        Optional("below", Word("reserved", "res0", "illegal")), Required("doc", Text), .. Conditions,
    ]);

    private static readonly MapShape FormatView = Map("a view", "views",
        Required("sym", Name), Required("bits", Bits), Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape BitRule = Map("a bit rule", "bit rules",
        [Required("bits", Bits), Optional("levels", Ranges), Optional("for", Words("leaf", "table")), .. Conditions]);

    private static readonly MapShape PresentRule = Map("a present rule", "present rules",
        [Optional("levels", Ranges), When, Any, Not, .. Conditions]);

    private static readonly MapShape LeafRule = Map("a leaf rule", "leaf rules",
    [
        Required("levels", Ranges), When, Any, Not, Optional("else", Word("reserved")),
        Optional("size", Word("lowest-zero", "lowest-one")), .. Conditions,
    ]);

    private static readonly MapShape IllegalRule = Map("an illegal rule", "illegal rules",
    [
        Required("name", Name), Optional("levels", Ranges), Optional("for", Words("leaf", "table")), When, Any, Not,
        Optional("bound", Word("next-level", "size", "alignment", "width")), Required("doc", Text), .. Conditions,
    ]);

    private static readonly MapShape Right = Map("a right", "rights",
    [
        Required("right", Word(Rights)), Optional("levels", Ranges), Optional("for", Word("leaf")), When, Any, Not,
        .. Conditions,
    ]);

    private static readonly MapShape Window = Map("a window", "windows",
        Required("name", Name), Required("first", Number), Required("last", Number),
        Required("input", Word("translated", "bypassed")), Required("output", Word("allowed", "blocked")),
        Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape Variant = Map("a variant", "variants",
        Required("id", Name), Required("doc", Text), Optional("zero", Bits), Optional("shared-with", Names));

    private static readonly MapShape OverlayCapability = Map("a capability", "capabilities",
        Required("name", Name), Optional("property", Name), Required("width", Ranges), Optional("optional", Flag),
        Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape OverlayField = Map("an overlay field", "overlay fields",
        Required("name", Name), Required("sym", Name), Required("bits", Bits), Optional("for", Words("leaf", "table")),
        Optional("variants", Names), Optional("enum", Name), Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape Displacement = Map("a displacement", "displacements",
        Required("bits", Number), Required("below", Name));

    private static readonly MapShape EncodingField = Map("a field of an encoding", "fields",
        Required("name", Name), Required("bits", Bits), Optional("variants", Names), Optional("displace", Displacement),
        Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape Encoding = Map("an encoding", "encodings",
        Required("name", Name), Required("doc", Text), Optional("cite", Text), When, Optional("values", NumberList),
        Optional("variants", Names), Optional("unless", Names), Optional("within", new DictionaryShape(Ranges)),
        Optional("fields", ListOf(EncodingField)));

    private static readonly MapShape RegisterField = Map("a register field", "register fields",
        Required("name", Name), Required("sym", Name), Required("bits", Bits), Optional("plus", Number),
        Optional("times", Number), Optional("enum", Name), Optional("address", Flag), Required("doc", Text),
        Optional("cite", Text));

    private static readonly MapShape View = Map("a view", "views",
        Required("name", Name), Required("bits", Bits), Required("doc", Text), Optional("cite", Text));

    private static readonly MapShape RegisterReserved = Map("a bit rule", "bit rules",
        Required("bits", Bits), Optional("cite", Text));

    private static readonly MapShape Member = Map("a member", "members",
        Required("name", Name), Required("type", Word("u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64")),
        Required("offset", Number), Optional("dims", NumberList), Optional("enum", Name), Required("doc", Text),
        Optional("cite", Text));

    /// <summary>The shape of each kind of definition.</summary>
    public static readonly IReadOnlyDictionary<string, MapShape> ByKind = new Dictionary<string, MapShape>(StringComparer.Ordinal)
    {
        ["page-table-format"] = Map("a page-table format", "formats",
        [
            .. Head.Select(key => key.Name == "sources" ? key with { IsInheritable = true } : key),
            Optional(Extends, Name),
            Inheritable("input", Name), Inheritable("page", Number), Inheritable("index", Number),
            Inheritable("check-order", Word("malformed-first", "permission-first")), Optional("malformed-word", Name),
            Optional("canonical", Flag), Inheritable("levels", new DictionaryShape(Text)),
            Optional("manual-levels", new DictionaryShape(Number)), Inheritable("walks", ListOf(Walk)),
            Optional("capabilities", ListOf(Capability)), Inheritable("fields", ListOf(Field)), Optional("views", ListOf(FormatView)),
            Optional("reserved", ListOf(BitRule)), Optional("res0", ListOf(BitRule)), Optional("ignored", ListOf(BitRule)),
            Inheritable("present", ListOf(PresentRule)), Inheritable("leaf", ListOf(LeafRule)),
            Optional("illegal", ListOf(IllegalRule)), Optional("rights", ListOf(Right)),
            Optional("requires", Words(Rights)), Optional("windows", ListOf(Window)),
        ]),
        ["overlay"] = Map("an overlay", "overlays",
        [
            .. Head,
            Required("base", Name), Optional("default", Flag), Optional("unless", Names), Required("variants", ListOf(Variant)),
            Optional("capabilities", ListOf(OverlayCapability)), Optional("fields", ListOf(OverlayField)),
            Optional("views", ListOf(FormatView)), Optional("encodings", ListOf(Encoding)),
        ]),
        ["register"] = Map("a register", "registers",
        [
            .. Head,
            Required("bits", Number), Optional("aliases", Names), Required("fields", ListOf(RegisterField)),
            Optional("views", ListOf(View)), Optional("reserved", ListOf(RegisterReserved)),
            Optional("ignored", ListOf(RegisterReserved)),
        ]),
        ["struct"] = Map("a struct", "structs",
            [.. Head, Required("size", Number), Required("members", ListOf(Member))]),
    };

    private static MapShape Map(string noun, string plural, params KeyShape[] keys) => new(noun, plural, keys);

    private static KeyShape Required(string name, ValueShape value) => new(name, value, true);

    private static KeyShape Inheritable(string name, ValueShape value) => new(name, value, true, true);

    private static KeyShape Optional(string name, ValueShape value) => new(name, value, false);
}
