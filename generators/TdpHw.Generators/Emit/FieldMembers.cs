using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the members of one field of a 64-bit word: its mask, its value, and the word with another value.</summary>
internal static class FieldMembers
{
    /// <param name="addressShift">An address is its bits shifted left by this.</param>
    public static void Write(CodeWriter code, string owner, FieldSpec field, int addressShift = 0)
    {
        if (field.Position is string position)
        {
            WritePositioned(code, owner, field, position);
            return;
        }

        string bits = CodeText.Capitalised(CodeText.BitsOf(field.Bits));
        string mask = field.Name + "Mask";
        code.Summary($"{bits} ({field.Symbol}): {field.Doc}.", field.Cite);
        code.Line($"public const ulong {mask} = {CodeText.Hex(field.Mask)};");
        code.Line();
        code.Line($"/// <inheritdoc cref=\"{mask}\"/>");
        if (field.Role == FieldRole.Address)
        {
            WriteAddress(code, owner, field, mask, addressShift);
        }
        else if (field.Bits.Width() == 1)
        {
            code.Line($"public bool {field.Name} => (Raw & {mask}) != 0;");
            code.Line();
            code.Doc("summary", $"This entry with {field.Name} as given.");
            code.Expression($"public {owner} With{field.Name}(bool value)", $"new(value ? Raw | {mask} : Raw & ~{mask})");
        }
        else
        {
            WriteNumber(code, owner, field, mask);
        }
    }

    private static void WritePositioned(CodeWriter code, string owner, FieldSpec field, string position)
    {
        string bit = CodeText.Local(Binding.PascalCase.From(position), "value");
        code.Summary($"The bit at '{position}' ({field.Symbol}): {field.Doc}.", field.Cite);
        code.Doc("param", "Where it is.", $" name=\"{bit.TrimStart('@')}\"");
        code.Line($"public bool {field.Name}(int {bit}) => (Raw >> {bit} & 1) != 0;");
        code.Line();
        code.Doc("summary", $"This entry with {field.Name} as given.");
        code.Doc("param", "Where it is.", $" name=\"{bit.TrimStart('@')}\"");
        code.Doc("param", "What it becomes.", " name=\"value\"");
        code.Expression(
            $"public {owner} With{field.Name}(int {bit}, bool value)", $"new((Raw & ~(1ul << {bit})) | (value ? 1ul << {bit} : 0))");
    }

    /// <summary>An expression for the number at the bits of <paramref name="word"/>.</summary>
    public static string Extract(IReadOnlyList<BitSpan> bits, string word) => Extract([.. bits.Select(b => (word, b))]);

    /// <summary>An expression for the number at bits of one or several words, its highest bits first.</summary>
    public static string Extract(IReadOnlyList<(string Word, BitSpan Bits)> parts)
    {
        int rest = parts.Select(p => p.Bits).Width();
        var terms = new List<string>();
        foreach ((string word, BitSpan span) in parts)
        {
            rest -= span.Width;
            string term = span.Width == 64 ? word
                : span.Low == 0 ? $"({word} & {CodeText.Hex(span.Mask)})"
                : span.High == 63 ? $"({word} >> {span.Low})"
                : $"(({word} >> {span.Low}) & {CodeText.Hex(span.Mask >> span.Low)})";
            terms.Add(rest == 0 ? term : $"({term} << {rest})");
        }

        return string.Join(" | ", terms);
    }

    /// <summary>An expression for a number at the field's bits.</summary>
    public static string Deposit(IReadOnlyList<BitSpan> bits, string value) => string.Join(" | ", Deposits(bits, value));

    /// <summary>The terms of a number at the field's bits, one for each of them.</summary>
    public static IEnumerable<string> Deposits(IReadOnlyList<BitSpan> bits, string value)
    {
        int rest = bits.Width();
        foreach (BitSpan span in bits)
        {
            rest -= span.Width;
            string shifted = rest == 0 ? value : $"({value} >> {rest})";
            string part = bits.Count == 1 ? shifted : $"({shifted} & {CodeText.Hex(span.Mask >> span.Low)})";
            yield return span.Low == 0 ? part : $"({part} << {span.Low})";
        }
    }

    private static void WriteAddress(CodeWriter code, string owner, FieldSpec field, string mask, int shift)
    {
        string value = shift == 0 ? $"Raw & {mask}" : $"(Raw & {mask}) << {shift}";
        string bits = shift == 0 ? "value.Value" : $"value.Value >> {shift}";
        string fits = shift == 0 ? mask : $"({mask} << {shift})";
        code.Line($"public HostPhysicalAddress {field.Name} => new({value});");
        code.Line();
        code.Doc("summary", "This entry with the address as given.");
        code.Doc("exception", "The address is not that of a page, or is wider than the entry can hold.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public {owner} With{field.Name}(HostPhysicalAddress value)", () =>
        {
            code.Block($"if ((value.Value & ~{fits}) != 0)", () =>
                code.Line($"throw new ArgumentOutOfRangeException(nameof(value), $\"{{value}} does not fit {CodeText.BitsOf(field.Bits)}.\");"));
            code.Line();
            code.Line($"return new((Raw & ~{mask}) | {(shift == 0 ? bits : $"({bits})")});");
        });
    }

    private static void WriteNumber(CodeWriter code, string owner, FieldSpec field, string mask)
    {
        string type = field.Enum ?? "ulong";
        string extract = Extract(field.Bits, "Raw");
        code.Line(field.Enum is null
            ? $"public ulong {field.Name} => {Unwrapped(extract)};"
            : $"public {type} {field.Name} => ({type})({Unwrapped(extract)});");
        code.Line();
        code.Doc("summary", $"This entry with {field.Name} as given.");
        string number = field.Enum is null ? "value" : "number";
        int width = field.Bits.Width();
        if (width == 64)
        {
            code.Line($"public {owner} With{field.Name}({type} value) => new({(field.Enum is null ? "value" : "(ulong)value")});");
            return;
        }

        code.Doc("exception", $"The value needs more than {width} bits.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public {owner} With{field.Name}({type} value)", () =>
        {
            if (field.Enum is not null)
            {
                code.Line("ulong number = (ulong)value;");
            }

            code.Block($"if ({number} > {CodeText.Hex(field.Bits.Largest())})", () =>
                code.Line($"throw new ArgumentOutOfRangeException(nameof(value), value, \"{field.Name} has {width} bits.\");"));
            code.Line();
            code.Line($"return new((Raw & ~{mask}) | {Deposit(field.Bits, number)});");
        });
    }

    /// <summary>The expression without an outer pair of parentheses around its only term.</summary>
    public static string Unwrapped(string expression)
    {
        if (!expression.StartsWith("(", StringComparison.Ordinal) || expression.Contains(" | "))
        {
            return expression;
        }

        return expression.Substring(1, expression.Length - 2);
    }
}
