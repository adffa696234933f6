using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the capabilities of a format as a value with a property for each.</summary>
internal static class CapabilitiesEmitter
{
    public static GeneratedFile Emit(FormatSpec format, string ns)
    {
        CodeWriter code = FileHead.Start(ns, format.Id, "System");
        string name = format.Name + "Capabilities";
        code.Doc("summary", $"What a machine can do that the rules of {format.Doc} depend on.");
        code.Block($"public readonly record struct {name}", () =>
        {
            code.Doc("summary", "A machine with the defaults of the definition.");
            code.Block($"public {name}()", () => { });
            foreach (CapabilitySpec capability in format.Capabilities)
            {
                code.Line();
                WriteProperty(code, capability);
            }

            code.Line();
            WriteFrom(code, name, format);
            code.Line();
            WriteToValues(code, format);
        });
        return new GeneratedFile($"{format.Name}.Capabilities.g.cs", code.ToString());
    }

    private static void WriteProperty(CodeWriter code, CapabilitySpec capability)
    {
        string range = capability.Kind switch
        {
            CapabilityKind.Flag => "",
            CapabilityKind.Width => $", {capability.Minimum} to {capability.Maximum} bits",
            _ => $", {capability.Minimum} to {capability.Maximum} bits, or null when the machine does without",
        };
        code.Summary($"{CodeText.Capitalised(capability.Doc)} ('{capability.Name}'{range}).", capability.Cite);
        (string type, string value) = capability.Kind switch
        {
            CapabilityKind.Flag => ("bool", capability.Default == 1 ? "true" : "false"),
            CapabilityKind.Width => ("int", CodeText.Number(capability.Default ?? capability.Minimum)),
            _ => ("int?", capability.Default is int width ? CodeText.Number(width) : "null"),
        };
        code.Line($"public {type} {capability.Property} {{ get; init; }} = {value};");
    }

    private static void WriteFrom(CodeWriter code, string name, FormatSpec format)
    {
        code.Doc("summary", "The same capabilities, from values known by name.");
        code.Doc("exception", "The values belong to another format.", " cref=\"ArgumentException\"");
        code.Block($"public static {name} From(CapabilityValues values)", () =>
        {
            code.Line("ArgumentNullException.ThrowIfNull(values);");
            code.Block($"if (values.Descriptions != {format.Name}.Description.Capabilities)", () =>
                code.Line($"throw new ArgumentException(\"These are not capabilities of '{format.Id}'.\", nameof(values));"));
            code.Line();
            code.Block("return new()", () =>
            {
                for (int i = 0; i < format.Capabilities.Count; i++)
                {
                    CapabilitySpec capability = format.Capabilities[i];
                    string value = capability.Kind switch
                    {
                        CapabilityKind.Flag => $"values.IsOn({i})",
                        CapabilityKind.Width => $"values.Number({i})",
                        _ => $"values[{i}]",
                    };
                    code.Line($"{capability.Property} = {value},");
                }
            }, "};");
        });
    }

    private static void WriteToValues(CodeWriter code, FormatSpec format)
    {
        code.Doc("summary", "The same capabilities as values known by name.");
        code.Doc("exception", "A width is out of its bounds.", " cref=\"ArgumentOutOfRangeException\"");
        code.Line($"public CapabilityValues ToValues() => {format.Name}.Description.DefaultCapabilities");
        code.Indented(() =>
        {
            for (int i = 0; i < format.Capabilities.Count; i++)
            {
                CapabilitySpec capability = format.Capabilities[i];
                string value = capability.Kind == CapabilityKind.Flag ? $"{capability.Property} ? 1 : 0" : capability.Property;
                string end = i == format.Capabilities.Count - 1 ? ";" : "";
                code.Line($".With({CodeText.Quote(capability.Name)}, {value}){end}");
            }

            if (format.Capabilities.Count == 0)
            {
                code.Line(";");
            }
        });
    }
}
