using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;
using TdpHw.Generators.Syntax;
using TdpHw.Generators.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace TdpHw.Generators.Tests;

/// <summary>What the pipeline keeps between runs holds nothing that keeps a compilation alive or changes when nothing did.</summary>
public sealed class ModelPurityTests
{
    private static readonly Type[] Forbidden =
        [typeof(ISymbol), typeof(SyntaxNode), typeof(SyntaxTree), typeof(Location), typeof(Compilation), typeof(AdditionalText), typeof(YamlNode)];

    // One file with errors, so that the stages for errors have something to hold too.
    private static readonly GeneratorHarness Harness = new(
        [.. Repository.Definitions, SmallDefinitions.Struct.With("size: 32", "size: 28")]);

    [Theory]
    [InlineData(TrackingNames.Parse)]
    [InlineData(TrackingNames.Bases)]
    [InlineData(TrackingNames.Layers)]
    [InlineData(TrackingNames.Names)]
    [InlineData(TrackingNames.Bind)]
    [InlineData(TrackingNames.Specs)]
    [InlineData(TrackingNames.Diagnostics)]
    [InlineData(TrackingNames.Registry)]
    public void A_stage_holds_plain_values(string stage)
    {
        List<(string Path, object Value)> all = Walk(stage);

        Assert.NotEmpty(all);
        Assert.All(all, item => Assert.True(
            !Forbidden.Any(type => type.IsInstanceOfType(item.Value)) && item.Value is not Delegate,
            $"{item.Path} is a {item.Value.GetType()}."));
    }

    [Theory]
    [InlineData(TrackingNames.Names)]
    [InlineData(TrackingNames.Specs)]
    [InlineData(TrackingNames.Registry)]
    public void What_code_is_made_from_knows_no_place(string stage) => Assert.All(Walk(stage), item => Assert.False(
        item.Value is SourceSpan || (item.Value is string text && text.Contains(DefinitionText.Folder, StringComparison.Ordinal)),
        $"{item.Path} is a place: {item.Value}"));

    [Fact]
    public void A_place_would_be_found() =>
        Assert.Contains(Walk(TrackingNames.Parse), item => item.Value is SourceSpan { Line: > 0 });

    private static List<(string Path, object Value)> Walk(string stage)
    {
        var found = new List<(string Path, object Value)>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach ((object value, _) in Harness.Outputs(stage))
        {
            Visit(stage, value, found, seen);
        }

        return found;
    }

    private static void Visit(string path, object? value, List<(string Path, object Value)> found, HashSet<object> seen)
    {
        if (value is null || (!value.GetType().IsValueType && !seen.Add(value)))
        {
            return;
        }

        found.Add((path, value));
        Type type = value.GetType();
        if (type.IsPrimitive || type.IsEnum || value is string)
        {
            return;
        }

        if (value is IEnumerable items)
        {
            int index = 0;
            foreach (object? item in items)
            {
                Visit($"{path}[{index++}]", item, found, seen);
            }

            return;
        }

        for (Type? declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            foreach (FieldInfo field in declaring.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Visit($"{path}.{field.Name}", field.GetValue(value), found, seen);
            }
        }
    }
}
