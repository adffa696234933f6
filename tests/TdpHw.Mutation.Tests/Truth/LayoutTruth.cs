using System.Text.Json;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Layouts of registers and of a C struct as other software's headers have them.</summary>
internal sealed class LayoutTruth : ITruth
{
    private readonly JsonElement _layouts = Json.Oracle("layouts");

    public LayoutTruth()
    {
        About =
        [
            .. _layouts.GetProperty("registers").EnumerateObject().Select(r => r.Name),
            .. _layouts.GetProperty("structs").EnumerateObject().Select(r => r.Name),
        ];
    }

    public string Name => "layouts";

    public IReadOnlyCollection<string> About { get; }

    public void Check(World world)
    {
        foreach (JsonProperty register in _layouts.GetProperty("registers").EnumerateObject())
        {
            CheckRegister(world.Register(register.Name).Spec, register.Value);
        }

        foreach (JsonProperty type in _layouts.GetProperty("structs").EnumerateObject())
        {
            CheckStruct((StructSpec)world.Bound(type.Name), type.Value);
        }
    }

    private static void CheckRegister(RegisterSpec spec, JsonElement layout)
    {
        Expect.Equal(layout.GetProperty("bits").GetInt32(), spec.Bits, spec.Name, "the width");
        Expect.Same(layout.GetProperty("names").Words(), spec.Aliases.Prepend(spec.Id), spec.Name, "the names");
        CheckMembers(spec, layout.GetProperty("fields"), isView: false);
        CheckMembers(spec, layout.GetProperty("views"), isView: true);
        HashSet<int> unknown = [.. BitsOf(layout.GetProperty("unknown"))];
        Expect.Same(
            BitsOf(layout.GetProperty("reserved")).Order(),
            spec.Reserved.Each().Where(b => !unknown.Contains(b)).Order(),
            spec.Name,
            "the reserved bits");
    }

    private static void CheckMembers(RegisterSpec spec, JsonElement expected, bool isView)
    {
        RegisterMemberSpec[] members = [.. spec.Members.Where(m => m.IsView == isView)];
        Expect.Same(
            expected.EnumerateObject().Select(f => f.Name).Order(StringComparer.Ordinal),
            members.Select(m => m.Name).Order(StringComparer.Ordinal),
            spec.Name,
            "the fields");
        foreach (RegisterMemberSpec member in members)
        {
            JsonElement field = expected.GetProperty(member.Name);
            string where = $"{spec.Name}.{member.Name}";
            JsonElement bits = field.GetProperty("bits");
            string[] ranges = bits.ValueKind == JsonValueKind.Array ? [.. bits.Words()] : [bits.GetString()!];
            Expect.Same(ranges.Select(Json.Bits).Each(), member.Bits.Each(), where, "the bits");
            Expect.Equal(Optional(field, "plus", 0), member.Plus, where, "what is added");
            Expect.Equal(Optional(field, "times", 1), member.Times, where, "the factor");
            Expect.Equal(field.TryGetProperty("address", out _), member.IsAddress, where, "whether it is an address");
            CheckValues(spec.Enums, member.Enum, field, where);
        }
    }

    private static void CheckStruct(StructSpec spec, JsonElement layout)
    {
        Expect.Equal(layout.GetProperty("size").GetInt32(), spec.Size, spec.Name, "the size");
        Expect.Same(
            layout.GetProperty("members").EnumerateObject().Select(m => m.Name), spec.Members.Select(m => m.Name), spec.Name, "the members");
        foreach (StructMemberSpec member in spec.Members)
        {
            JsonElement expected = layout.GetProperty("members").GetProperty(member.Name);
            string where = $"{spec.Name}.{member.Name}";
            Expect.Equal(expected.GetProperty("offset").GetInt32(), member.Offset, where, "the offset");
            Expect.Equal(expected.GetProperty("type").GetString(), member.Type, where, "the type");
            Expect.Same(
                expected.GetProperty("dims").EnumerateArray().Select(d => d.GetInt32()), member.Dimensions, where, "the dimensions");
            CheckValues(spec.Enums, member.Enum, expected, where);
        }
    }

    private static void CheckValues(EquatableArray<EnumSpec> enums, string? name, JsonElement field, string where)
    {
        IEnumerable<EnumMemberSpec> members = enums.FirstOrDefault(e => e.Name == name)?.Members ?? default;
        (ulong, string)[] expected = field.TryGetProperty("values", out JsonElement values) ? [.. values.Names()] : [];
        Expect.Same(expected, members.Select(m => (m.Value, m.Name)), where, "the values");
    }

    private static int Optional(JsonElement field, string key, int missing) =>
        field.TryGetProperty(key, out JsonElement value) ? value.GetInt32() : missing;

    private static IEnumerable<int> BitsOf(JsonElement spans) => spans.Words().Select(Json.Bits).Each();
}
