using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes a register, or an entry wider than 64 bits, as a value with a property for each field and view.</summary>
internal static class RegisterEmitter
{
    public static GeneratedFile Emit(RegisterSpec register, string ns)
    {
        int words = (register.Bits + 63) / 64;
        CodeWriter code = FileHead.Start(ns, register.Id, "System", "System.Globalization");
        code.Summary(register.Doc + ".", register.Cite);
        if (words == 1)
        {
            code.Doc("param", "What the register reads.", " name=\"Raw\"");
        }

        for (int word = 0; words > 1 && word < words; word++)
        {
            code.Doc("param", $"Bits {(word * 64) + 63}:{word * 64}.", $" name=\"{Word(word)}\"");
        }

        string parameters = words == 1 ? "ulong Raw" : string.Join(", ", Enumerable.Range(0, words).Select(w => "ulong " + Word(w)));
        code.Block($"public readonly record struct {register.Name}({parameters})", () =>
        {
            if (words > 1)
            {
                code.Doc("summary", "How many 64-bit words there are.");
                code.Line($"public const int WordCount = {words};");
                code.Line();
            }

            WriteReserved(code, register, words);
            foreach (RegisterMemberSpec member in register.Members)
            {
                WriteMember(code, register.Name, member, words);
                code.Line();
            }

            WriteEnd(code, register, words);
        });
        return new GeneratedFile($"{register.Name}.g.cs", code.ToString());
    }

    private static string Word(int word) => $"Word{word}";

    private static void WriteReserved(CodeWriter code, RegisterSpec register, int words)
    {
        if (register.Reserved.Count == 0)
        {
            return;
        }

        if (words == 1)
        {
            code.Summary($"{CodeText.Capitalised(CodeText.BitsOf(register.Reserved))}: reserved.", register.Cite);
            code.Line($"public const ulong ReservedMask = {CodeText.Hex(register.Reserved.Mask())};");
            code.Line();
            code.Doc("summary", "Whether a reserved bit is set.");
            code.Line("public bool HasReservedBits => (Raw & ReservedMask) != 0;");
            code.Line();
            return;
        }

        code.Summary($"Whether a reserved bit is set: {CodeText.BitsOf(register.Reserved)}.", register.Cite);
        string[] tests =
        [
            .. Enumerable.Range(0, words)
                .Select(w => (Word: Word(w), Mask: InWord(register.Reserved, w).Mask()))
                .Where(t => t.Mask != 0)
                .Select(t => $"({t.Word} & {CodeText.Hex(t.Mask)}) != 0"),
        ];
        code.Line("public bool HasReservedBits =>");
        code.Indented(() => code.Terms("", tests, "||", ";"));
        code.Line();
    }

    private static IEnumerable<BitSpan> InWord(IEnumerable<BitSpan> bits, int word) => bits
        .Where(b => b.High >= word * 64 && b.Low < (word + 1) * 64)
        .Select(b => new BitSpan(Math.Min(63, b.High - (word * 64)), Math.Max(0, b.Low - (word * 64))));

    private static void WriteMember(CodeWriter code, string owner, RegisterMemberSpec member, int words)
    {
        if (words == 1 && !member.IsView && member.Plus == 0 && member.Times == 1)
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
        if (words == 1)
        {
            code.Line($"public const ulong {member.Name}Mask = {CodeText.Hex(member.Bits.Mask())};");
            code.Line();
            code.Line($"/// <inheritdoc cref=\"{member.Name}Mask\"/>");
        }

        int word = member.Bits.Count == 0 ? 0 : member.Bits[0].Low / 64;
        string source = words == 1 ? "Raw" : Word(word);
        BitSpan[] bits = [.. InWord(member.Bits, word)];
        if (bits.Width() == 1 && member.Plus == 0 && member.Times == 1)
        {
            code.Line($"public bool {member.Name} => ({source} & {CodeText.Hex(bits.Mask())}) != 0;");
            return;
        }

        if (member.IsAddress)
        {
            code.Line($"public HostPhysicalAddress {member.Name} => new({source} & {CodeText.Hex(bits.Mask())});");
            return;
        }

        string value = FieldMembers.Extract(bits, source);
        string times = member.Times == 1 ? "" : $" * {member.Times}";
        string plus = member.Plus == 0 ? "" : $" + {member.Plus}";
        code.Line(member.Enum is null
            ? $"public int {member.Name} => (int)({FieldMembers.Unwrapped(value)}){times}{plus};"
            : $"public {member.Enum} {member.Name} => ({member.Enum})({FieldMembers.Unwrapped(value)});");
    }

    private static void WriteEnd(CodeWriter code, RegisterSpec register, int words)
    {
        if (words == 1)
        {
            code.Doc("summary", "The register in hexadecimal.");
            code.Line("public override string ToString() => string.Create(CultureInfo.InvariantCulture, $\"0x{Raw:x}\");");
            return;
        }

        code.Doc("summary", "Reads the words as they stand in memory, the lowest first.");
        code.Doc("exception", "There are fewer words.", " cref=\"ArgumentException\"");
        code.Block($"public static {register.Name} Read(ReadOnlySpan<ulong> words)", () =>
        {
            code.Block("if (words.Length < WordCount)", () =>
                code.Line("throw new ArgumentException($\"{WordCount} words are needed, not {words.Length}.\", nameof(words));"));
            code.Line();
            code.Line($"return new({string.Join(", ", Enumerable.Range(0, words).Select(w => $"words[{w}]"))});");
        });
        code.Line();
        code.Doc("summary", "The words in hexadecimal, the highest first.");
        string shown = string.Join("_", Enumerable.Range(0, words).Reverse().Select(w => $"{{{Word(w)}:x16}}"));
        code.Expression("public override string ToString()", $"string.Create(CultureInfo.InvariantCulture, $\"0x{shown}\")");
    }
}
