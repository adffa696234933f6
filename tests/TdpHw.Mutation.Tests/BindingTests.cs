using TdpHw.Generators.Syntax;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Mutating;

namespace TdpHw.Mutation.Tests;

/// <summary>Changes that survived once because the generator did not refuse them.</summary>
public sealed class BindingTests
{
    [Theory]
    [InlineData("frozen", "an encoding")]
    [InlineData("Generation", "a field of an encoding")]
    public void What_two_rows_of_a_variant_define_does_not_bind(string name, string what)
    {
        MapNode root = World.Real.Root("KvmEpt");
        MapNode[] encodings = [.. root.Maps("encodings")];
        int at = Array.FindLastIndex(encodings, e => e.Text("name") == name || e.Maps("fields").Any(f => f.Text("name") == name));
        MapNode[] fields = [.. encodings[at].Maps("fields")];
        int field = Array.FindLastIndex(fields, f => f.Text("name") == name);
        MapNode changed = field < 0
            ? encodings[at].Without("variants")
            : encodings[at].WithItem("fields", field, fields[field].Without("variants"));
        Assert.True(World.With("KvmEpt", root.WithItem("encodings", at, changed)) is null, $"{what} '{name}' may be there twice");
    }
}
