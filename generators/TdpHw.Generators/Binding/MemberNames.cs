using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Keeps what a definition names from clashing with each other's members and with those that the type has anyway.</summary>
internal static class MemberNames
{
    private static readonly string[] OfObjects =
        ["ToString", "Equals", "GetHashCode", "GetType", "ReferenceEquals", "MemberwiseClone", "Finalize"];

    private static readonly string[] OfEntries = [.. OfObjects, "Raw", "Deconstruct", "PrintMembers"];

    private static readonly string[] OfRegisters = [.. OfEntries, "WordCount", "Read", "Write", "ReservedMask", "HasReservedBits"];

    // Types that generated code calls by their names are hidden by a member of that name.
    private static readonly string[] OfStructs =
        [.. OfObjects, "SizeInBytes", "Read", "Write", "Bytes", "MemoryMarshal", "ArgumentOutOfRangeException"];

    private static readonly string[] OfVariants = [.. OfObjects, "MustBeZero", "Empty", "IsEmpty", "ArgumentOutOfRangeException"];

    private static readonly string[] OfCapabilities = [.. OfObjects, "PrintMembers", "From", "ToValues", "ArgumentNullException"];

    private static readonly string[] OfFormats =
    [
        .. OfObjects, "Description", "Describe", "CheckOrder", "IndexBits", "IsInputSignExtended", "Walk", "RulesFor", "RightsOf",
    ];

    /// <summary>Reports fields whose property, mask or With method would have a name that is taken.</summary>
    /// <param name="type">The C# type that the fields are members of.</param>
    /// <param name="isRegister">Whether the type has the members of a register beside those of a record.</param>
    public static void Check(DefinitionScope scope, IEnumerable<ScalarNode> fields, string type, bool isRegister) =>
        Check(scope, fields.Select(f => (f, OfField(f.Text))), type, isRegister ? OfRegisters : OfEntries);

    /// <summary>Reports members of a struct.</summary>
    /// <param name="members">Each with whether it is an array.</param>
    public static void CheckStruct(DefinitionScope scope, IEnumerable<(ScalarNode Name, bool IsArray)> members) => Check(
        scope,
        members.Select(m => (
            m.Name, m.IsArray ? new[] { "Get" + m.Name.Text, "Set" + m.Name.Text, m.Name.Text + "Elements" } : [m.Name.Text])),
        scope.Name,
        OfStructs);

    /// <summary>Reports fields and encodings of an overlay's variant.</summary>
    public static void CheckVariant(
        DefinitionScope scope, string variant, IEnumerable<ScalarNode> fields, IEnumerable<(ScalarNode Name, IEnumerable<ScalarNode> Fields, bool IsValue)> encodings)
    {
        var rows = fields.Select(f => (f, OfField(f.Text))).ToList();
        foreach ((ScalarNode name, IEnumerable<ScalarNode> own, bool isValue) in encodings.Where(e => e.Name.Text != "empty"))
        {
            string member = PascalCase.From(name.Text);
            rows.Add((name, isValue ? [member, "Is" + member] : ["Is" + member, "Compose" + member]));
            rows.AddRange(isValue ? [] : own.Select(f => (f, new[] { member + f.Text })));
        }

        Check(scope, rows, variant, OfVariants);
    }

    /// <summary>Reports capabilities.</summary>
    /// <param name="names">Each with its property.</param>
    public static void CheckCapabilities(DefinitionScope scope, IEnumerable<(ScalarNode Name, string Property)> names) =>
        Check(scope, names.Select(n => (n.Name, new[] { n.Property })), scope.Name + "Capabilities", [.. OfCapabilities, scope.Name]);

    /// <summary>Reports a format whose name is that of a member of its type.</summary>
    public static void CheckFormat(DefinitionScope scope) => Check(scope, [], scope.Name, OfFormats);

    /// <summary>Reports an overlay whose name is that of a member of its type.</summary>
    public static void CheckOverlay(DefinitionScope scope) => Check(scope, [], scope.Name, [.. OfObjects, "Description"]);

    private static string[] OfField(string name) => [name, name + "Mask", "With" + name];

    private static void Check(
        DefinitionScope scope, IEnumerable<(ScalarNode At, string[] Members)> rows, string type, string[] inherited)
    {
        if (inherited.Contains(type))
        {
            Add(scope.Root.Scalar("name")!, "the name of a C# type", type);
        }

        (ScalarNode At, string[] Members)[] all = [.. rows];
        var taken = new HashSet<string>(inherited.Append(type), StringComparer.Ordinal);
        foreach ((ScalarNode at, string[] members) in all)
        {
            // The same name twice is told as such.
            string? clash = members.FirstOrDefault(taken.Contains);
            if (clash is not null && !(clash == members[0] && all.Any(r => r.At != at && r.At.Text == at.Text)))
            {
                Add(at, "the name of a C# property", clash);
            }

            taken.UnionWith(members);
        }

        void Add(ScalarNode at, string use, string clash) => scope.Diagnostics.Add(
            DiagnosticCatalog.MalformedName, at, at.Text, use, $"the generated {type} has a member '{clash}' already");
    }
}
