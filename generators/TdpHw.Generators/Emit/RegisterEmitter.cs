using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes a register as a value with a property for each field and view.</summary>
internal static class RegisterEmitter
{
    public static GeneratedFile Emit(RegisterSpec register, string ns)
    {
        CodeWriter code = FileHead.Start(ns, register.Id, "System", "System.Globalization");
        code.Summary(register.Doc + ".", register.Cite);
        code.Doc("param", "What the register reads.", " name=\"Raw\"");
        code.Block($"public readonly record struct {register.Name}(ulong Raw)", () =>
        {
            if (register.Reserved.Count > 0)
            {
                code.Summary($"{CodeText.Capitalised(CodeText.BitsOf(register.Reserved))}: reserved.", register.Cite);
                code.Line($"public const ulong ReservedMask = {CodeText.Hex(register.Reserved.Mask())};");
                code.Line();
            }

            foreach (RegisterMemberSpec member in register.Members)
            {
                WriteMember(code, register.Name, member);
                code.Line();
            }

            code.Doc("summary", "The register in hexadecimal.");
            code.Line("public override string ToString() => string.Create(CultureInfo.InvariantCulture, $\"0x{Raw:x}\");");
        });
        return new GeneratedFile($"{register.Name}.g.cs", code.ToString());
    }

    private static void WriteMember(CodeWriter code, string owner, RegisterMemberSpec member)
    {
        if (!member.IsView && member.Plus == 0 && member.Times == 1)
        {
            FieldMembers.Write(code, owner, new FieldSpec(
                member.Name,
                member.Symbol,
                member.Bits,
                0,
                EntryLayouts.None,
                ConditionSpec.Always,
                member.IsAddress ? FieldRole.Address : FieldRole.None,
                member.Enum,
                member.Doc,
                member.Cite));
            return;
        }

        string symbol = member.Symbol.Length == 0 ? "" : $" ({member.Symbol})";
        code.Summary($"{CodeText.Capitalised(CodeText.BitsOf(member.Bits))}{symbol}: {member.Doc}.", member.Cite);
        code.Line($"public const ulong {member.Name}Mask = {CodeText.Hex(member.Bits.Mask())};");
        code.Line();
        code.Line($"/// <inheritdoc cref=\"{member.Name}Mask\"/>");
        if (member.IsView && member.Bits.Width() == 1)
        {
            code.Line($"public bool {member.Name} => (Raw & {member.Name}Mask) != 0;");
            return;
        }

        string value = $"(int)({FieldMembers.Extract(member.Bits, "Raw")})";
        string times = member.Times == 1 ? "" : $" * {member.Times}";
        string plus = member.Plus == 0 ? "" : $" + {member.Plus}";
        code.Line($"public int {member.Name} => {value}{times}{plus};");
    }
}
