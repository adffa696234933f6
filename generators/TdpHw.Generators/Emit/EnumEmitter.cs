using System.Globalization;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the enumerations of a definition.</summary>
internal static class EnumEmitter
{
    public static IEnumerable<GeneratedFile> Emit(DefinitionSpec spec, string ns)
    {
        foreach (EnumSpec item in spec.Enums.Where(e => !e.IsInherited))
        {
            CodeWriter code = FileHead.Start(ns, spec.Id);
            code.Doc("summary", $"Named values of a field of {spec.Doc}. A value without a name is kept as its number.");
            code.Block($"public enum {item.Name} : ulong", () =>
            {
                for (int i = 0; i < item.Members.Count; i++)
                {
                    if (i > 0)
                    {
                        code.Line();
                    }

                    code.Doc("summary", CodeText.Capitalised(item.Members[i].Doc) + ".");
                    code.Line($"{item.Members[i].Name} = {item.Members[i].Value.ToString(CultureInfo.InvariantCulture)},");
                }
            });
            yield return new GeneratedFile($"{item.Name}.g.cs", code.ToString());
        }
    }
}
