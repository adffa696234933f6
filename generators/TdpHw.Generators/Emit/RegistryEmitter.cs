using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the registry: from a format's name at run time to the format as a type argument.</summary>
internal static class RegistryEmitter
{
    public const string TypeName = "FormatRegistry";

    public static GeneratedFile Emit(RegistrySpec registry, string ns)
    {
        CodeWriter code = FileHead.Start(
            ns, "all of this project", "System.Collections.Immutable", "System.Diagnostics.CodeAnalysis");
        RegistryEntry[] formats = [.. registry.Entries.Where(e => !e.IsOverlay)];
        RegistryEntry[] overlays = [.. registry.Entries.Where(e => e.IsOverlay)];
        code.Doc("summary", "The formats and overlays that this assembly defines.");
        code.Block("public static class FormatRegistry", () =>
        {
            code.Doc("summary", "All formats, in the order of their ids.");
            code.Line("public static ImmutableArray<FormatDescription> Formats => AllFormats.List;");
            code.Line();
            code.Doc("summary", "All overlays, in the order of their ids.");
            code.Line("public static ImmutableArray<OverlayDescription> Overlays => AllOverlays.List;");
            code.Line();
            code.Doc("summary", "Does a work for the format called id.");
            code.Doc("typeparam", "What the work gives.", " name=\"TResult\"");
            code.Doc("param", "The format's id.", " name=\"id\"");
            code.Doc("param", "The work.", " name=\"visitor\"");
            code.Doc("param", "What the work gave.", " name=\"result\"");
            code.Line("/// <returns><see langword=\"false\"/> when there is no format of that id.</returns>");
            code.Line("public static bool TryVisit<TResult>(");
            code.Line("    string id, IFormatVisitor<TResult> visitor, [MaybeNullWhen(false)] out TResult result)");
            code.Line("{");
            code.Indented(() =>
            {
                code.Line("System.ArgumentNullException.ThrowIfNull(visitor);");
                code.Line("switch (id)");
                code.Line("{");
                code.Indented(() =>
                {
                    foreach (RegistryEntry format in formats)
                    {
                        code.Line($"case {CodeText.Quote(format.Id)}:");
                        code.Indented(() =>
                        {
                            code.Line($"result = visitor.Visit<{format.Name}>();");
                            code.Line("return true;");
                        });
                    }

                    code.Line("default:");
                    code.Indented(() =>
                    {
                        code.Line("result = default;");
                        code.Line("return false;");
                    });
                });
                code.Line("}");
            });
            code.Line("}");
            code.Line();
            code.Comment("Made when all are asked for: who names one format does not wait for the others.");
            WriteList(code, "FormatDescription", "AllFormats", formats);
            code.Line();
            WriteList(code, "OverlayDescription", "AllOverlays", overlays);
        });
        return new GeneratedFile(TypeName + ".g.cs", code.ToString());
    }

    private static void WriteList(CodeWriter code, string type, string holder, RegistryEntry[] entries) =>
        code.Block($"private static class {holder}", () =>
        {
            string head = $"internal static readonly ImmutableArray<{type}> List =";
            if (entries.Length <= 2)
            {
                code.Line($"{head} [{string.Join(", ", entries.Select(e => e.Name + ".Description"))}];");
                return;
            }

            code.Line(head);
            code.Line("[");
            code.Indented(() => code.Lines([.. entries.Select(e => e.Name + ".Description,")]));
            code.Line("];");
        });
}
