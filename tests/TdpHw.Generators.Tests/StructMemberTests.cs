using System.Reflection;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What the schema lets a member of a struct be and no shipped struct has, compiled and run.</summary>
public sealed class StructMemberTests
{
    private static readonly DefinitionText Odd = SmallDefinitions.Struct
        .With("size: 32\n", "size: 32\nenums:\n  TinyKind:\n    - { value: 0, name: None, doc: none }\n    - { value: 2, name: Both, doc: both }\n")
        .With("type: u32, offset: 0,", "type: u8, offset: 0, dims: [2, 2], enum: TinyKind,")
        .With("type: u64, offset: 8,", "type: u64, offset: 8, dims: [1],");

    [Fact]
    public void An_array_holds_named_values()
    {
        Type type = Load();
        object value = Activator.CreateInstance(type)!;
        MethodInfo get = type.GetMethod("GetKind")!;
        Assert.Equal("TinyKind", get.ReturnType.Name);

        type.GetMethod("SetKind")!.Invoke(value, [1, 0, Enum.ToObject(get.ReturnType, 2)]);

        Assert.Equal("Both", get.Invoke(value, [1, 0])!.ToString());
        Assert.Equal("None", get.Invoke(value, [0, 1])!.ToString());
    }

    [Fact]
    public void An_array_of_one_is_an_array()
    {
        Type type = Load();
        object value = Activator.CreateInstance(type)!;

        type.GetMethod("SetRoot")!.Invoke(value, [0, 7ul]);

        Assert.Equal(7ul, type.GetMethod("GetRoot")!.Invoke(value, [0]));
        Assert.IsType<ArgumentOutOfRangeException>(
            Assert.Throws<TargetInvocationException>(() => type.GetMethod("GetRoot")!.Invoke(value, [1])).InnerException);
    }

    private static Type Load()
    {
        var harness = new GeneratorHarness([Odd]);
        Assert.Empty(harness.Result.Diagnostics);
        Assert.Empty(GeneratedProject.Compile(harness.Sources));
        return GeneratedProject.Load(harness.Sources).GetType("TdpHw.Formats.TinyMeta", throwOnError: true)!;
    }
}
