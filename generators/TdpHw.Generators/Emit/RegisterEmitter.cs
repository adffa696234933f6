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
            code.Doc("param", $"Bits {(word * 64) + 63}:{word * 64}.", $" name=\"{Word(word, words)}\"");
        }

        string parameters = string.Join(", ", Enumerable.Range(0, words).Select(w => "ulong " + Word(w, words)));
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
                RegisterMembers.Write(code, register.Name, member, words);
                code.Line();
            }

            WriteEnd(code, register, words);
        });
        return new GeneratedFile($"{register.Name}.g.cs", code.ToString());
    }

    /// <summary>The property that holds a word of the register.</summary>
    public static string Word(int word, int words) => words == 1 ? "Raw" : $"Word{word}";

    private static void WriteReserved(CodeWriter code, RegisterSpec register, int words)
    {
        // What a word has above the register's own bits is as wrong to set as a reserved bit.
        BitSpan[] absent = register.Bits % 64 == 0 ? [] : [new BitSpan((words * 64) - 1, register.Bits)];
        BitSpan[] reserved = [.. absent, .. register.Reserved];
        if (reserved.Length == 0)
        {
            return;
        }

        if (words == 1)
        {
            code.Summary($"{CodeText.Capitalised(CodeText.BitsOf(reserved))}: reserved.", register.Cite);
            code.Line($"public const ulong ReservedMask = {CodeText.Hex(reserved.Mask())};");
            code.Line();
            code.Doc("summary", "Whether a reserved bit is set.");
            code.Line("public bool HasReservedBits => (Raw & ReservedMask) != 0;");
            code.Line();
            return;
        }

        code.Summary($"Whether a reserved bit is set: {CodeText.BitsOf(reserved)}.", register.Cite);
        string[] tests =
        [
            .. Enumerable.Range(0, words)
                .Select(w => (Word: Word(w, words), Mask: reserved.InWord(w).Mask()))
                .Where(t => t.Mask != 0)
                .Select(t => $"({t.Word} & {CodeText.Hex(t.Mask)}) != 0"),
        ];
        code.Line("public bool HasReservedBits =>");
        code.Indented(() => code.Terms("", tests, "||", ";"));
        code.Line();
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
            CheckLength(code);
            code.Line($"return new({string.Join(", ", Enumerable.Range(0, words).Select(w => $"words[{w}]"))});");
        });
        code.Line();
        code.Doc("summary", "Writes the words as they stand in memory, the lowest first.");
        code.Doc("exception", "There is room for fewer words.", " cref=\"ArgumentException\"");
        code.Block("public void Write(Span<ulong> words)", () =>
        {
            CheckLength(code);
            code.Lines([.. Enumerable.Range(0, words).Select(w => $"words[{w}] = {Word(w, words)};")]);
        });
        code.Line();
        code.Doc("summary", "The words in hexadecimal, the highest first.");
        string shown = string.Join("_", Enumerable.Range(0, words).Reverse().Select(w => $"{{{Word(w, words)}:x16}}"));
        code.Expression("public override string ToString()", $"string.Create(CultureInfo.InvariantCulture, $\"0x{shown}\")");
    }

    private static void CheckLength(CodeWriter code)
    {
        code.Block("if (words.Length < WordCount)", () =>
            code.Line("throw new ArgumentException($\"{WordCount} words are needed, not {words.Length}.\", nameof(words));"));
        code.Line();
    }
}
