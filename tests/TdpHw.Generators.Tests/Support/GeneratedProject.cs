using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace TdpHw.Generators.Tests.Support;

/// <summary>Generated code in a project of a consumer, who refers to the hand-written code that it builds on.</summary>
internal static class GeneratedProject
{
    /// <summary>What the SDK puts before every file of a project with implicit usings.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // Hand-written code is compiled by the SDK's own compiler, which knows C# 14; the one here calls that a preview.
    private static readonly CSharpParseOptions HandWrittenOptions = new(LanguageVersion.Preview, DocumentationMode.Diagnose);

    private static readonly Lazy<IReadOnlyList<MetadataReference>> Runtime = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is ['S', 'y', 's', 't', 'e', 'm', ..] or "netstandard.dll" or "mscorlib.dll")
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    // An assembly of its own, as for a consumer: generated code must do with what is public.
    private static readonly Lazy<byte[]> HandWritten = new(CompileHandWritten);

    /// <summary>All that a strict compiler has to say about the generated files.</summary>
    public static IReadOnlyList<Diagnostic> Compile(IReadOnlyDictionary<string, string> generated) =>
    [
        .. CreateConsumer(generated)
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning),
    ];

    /// <summary>The errors that a compiler finds in generated files beside a project that they may build on.</summary>
    public static IReadOnlyList<Diagnostic> Errors(IReadOnlyDictionary<string, string> generated, MetadataReference beside) =>
    [
        .. CreateConsumer(generated)
            .AddReferences(beside)
            .GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error),
    ];

    /// <summary>The generated files, compiled for others to build on.</summary>
    public static MetadataReference Reference(IReadOnlyDictionary<string, string> generated) =>
        MetadataReference.CreateFromImage(Emit(CreateConsumer(generated)));

    /// <summary>The generated files, compiled and loaded to be run.</summary>
    public static Assembly Load(IReadOnlyDictionary<string, string> generated)
    {
        var context = new AssemblyLoadContext("Consumer");
        context.LoadFromStream(new MemoryStream(HandWritten.Value));
        return context.LoadFromStream(new MemoryStream(Emit(CreateConsumer(generated))));
    }

    private static CSharpCompilation CreateConsumer(IReadOnlyDictionary<string, string> generated) => Create(
        "Consumer",
        [
            .. generated
                .OrderBy(file => file.Key, StringComparer.Ordinal)
                .Select(file => CSharpSyntaxTree.ParseText(file.Value, GeneratorHarness.ParseOptions, file.Key)),
        ]).AddReferences(MetadataReference.CreateFromImage(HandWritten.Value));

    private static CSharpCompilation Create(string name, IReadOnlyList<SyntaxTree> trees) => CSharpCompilation.Create(
        name,
        trees,
        Runtime.Value,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            warningLevel: 9999,
            nullableContextOptions: NullableContextOptions.Enable,
            allowUnsafe: true));

    private static byte[] CompileHandWritten()
    {
        string folder = Path.Combine(Repository.Root, "src", "TdpHw.Formats");
        SyntaxTree[] trees =
        [
            CSharpSyntaxTree.ParseText(ImplicitUsings, HandWrittenOptions, "ImplicitUsings.cs"),
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(path => Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
                .Order(StringComparer.Ordinal)
                .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), HandWrittenOptions, path)),
        ];
        return Emit(Create("TdpHw.Formats", trees));
    }

    private static byte[] Emit(CSharpCompilation compilation)
    {
        using var image = new MemoryStream();
        EmitResult result = compilation.Emit(image);
        Assert.Empty(result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return image.ToArray();
    }
}
