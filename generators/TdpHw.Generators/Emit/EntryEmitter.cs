using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the entry struct of a format: a 64-bit word with a name for each field.</summary>
internal static class EntryEmitter
{
    public static GeneratedFile Emit(FormatSpec format, string ns)
    {
        CodeWriter code = FileHead.Start(ns, format.Id, "System", "System.Globalization", "System.Text");
        string name = format.Name + "Entry";
        code.Doc("summary", $"An entry of {format.Doc}, at any level: 64 bits as the hardware reads them.");
        code.Line("/// <remarks>");
        code.Line("/// <code>");
        foreach (FieldSpec field in format.Fields.OrderByDescending(f => f.Bits.Count == 0 ? 0 : f.Bits[0].High))
        {
            code.Line(CodeWriter.Escape($"/// {field.Position ?? field.Bits.Format(),8}  {field.Symbol,-5} {field.Doc}"));
        }

        code.Line("/// </code>");
        code.Line("/// A field that an entry of some level or kind lacks reads as whatever its bits are; the rules of the format");
        code.Line("/// say which ones it has.");
        code.Line("/// </remarks>");
        code.Doc("param", "The entry as it stands in memory.", " name=\"Raw\"");
        code.Block($"public readonly record struct {name}(ulong Raw)", () =>
        {
            foreach (FieldSpec field in format.Fields)
            {
                FieldMembers.Write(code, name, field, format.AddressShift);
                code.Line();
            }

            WriteToString(code, name, format);
        });
        return new GeneratedFile($"{format.Name}.Entry.g.cs", code.ToString());
    }

    private static void WriteToString(CodeWriter code, string name, FormatSpec format)
    {
        code.Doc("summary", "The entry in hexadecimal and the fields that are not zero, by their symbols.");
        code.Block("public override string ToString()", () =>
        {
            code.Line("var text = new StringBuilder();");
            code.Line("text.Append(CultureInfo.InvariantCulture, $\"0x{Raw:x}\");");
            foreach (FieldSpec field in format.Fields.Where(f => f.Position is null))
            {
                string shown = field.Bits.Width() == 1 ? $"\" {field.Symbol}\"" : $"$\" {field.Symbol}={{{field.Name}}}\"";
                code.Line($"text.Append((Raw & {field.Name}Mask) != 0 ? {shown} : \"\");");
            }

            code.Line("return text.ToString();");
        });
    }
}
