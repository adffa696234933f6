using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Keeps the fields of an entry or register from clashing with each other's members and with those it has anyway.</summary>
internal static class MemberNames
{
    private static readonly string[] Inherited =
    [
        "Raw", "ToString", "Equals", "GetHashCode", "GetType", "Deconstruct", "ReferenceEquals", "MemberwiseClone", "Finalize",
        "PrintMembers", "WordCount", "Read", "Write", "ReservedMask", "HasReservedBits",
    ];

    /// <summary>Reports fields whose property, mask or With method would have a name that is taken.</summary>
    /// <param name="type">The C# type that the fields are members of.</param>
    /// <param name="isRegister">Whether the type has the members of a register beside those of a record.</param>
    public static void Check(DefinitionScope scope, IEnumerable<ScalarNode> fields, string type, bool isRegister)
    {
        int inherited = isRegister ? Inherited.Length : Array.IndexOf(Inherited, "WordCount");
        var taken = new HashSet<string>(Inherited.Take(inherited).Append(type), StringComparer.Ordinal);
        foreach (ScalarNode field in fields)
        {
            string[] members = [field.Text, field.Text + "Mask", "With" + field.Text];
            string? clash = members.FirstOrDefault(taken.Contains);
            if (clash is not null && !(clash == field.Text && fields.Any(f => f != field && f.Text == field.Text)))
            {
                scope.Diagnostics.Add(
                    DiagnosticCatalog.MalformedName,
                    field,
                    field.Text,
                    "the name of a C# property",
                    $"the generated {type} has a member '{clash}' already");
            }

            taken.UnionWith(members);
        }
    }
}
