using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the members of one field of a 64-bit word: its mask, its value, and the word with another value.</summary>
internal static class FieldMembers
{
    public static void Write(CodeWriter code, string owner, FieldSpec field)
    {
        string bits = CodeText.Capitalised(CodeText.BitsOf(field.Bits));
        string mask = field.Name + "Mask";
        code.Summary($"{bits} ({field.Symbol}): {field.Doc}.", field.Cite);
        code.Line($"public const ulong {mask} = {CodeText.Hex(field.Mask)};");
        code.Line();
        code.Line($"/// <inheritdoc cref=\"{mask}\"/>");
        if (field.Role == FieldRole.Address)
        {
            WriteAddress(code, owner, field, mask);
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

    /// <summary>An expression for the field's number in <c>Raw</c>.</summary>
    public static string Extract(IReadOnlyList<BitSpan> bits, string word)
    {
        int rest = bits.Width();
        var parts = new List<string>();
        foreach (BitSpan span in bits)
        {
            rest -= span.Width;
            string part = span.Low == 0 ? $"({word} & {CodeText.Hex(span.Mask)})"
                : span.High == 63 ? $"({word} >> {span.Low})"
                : $"(({word} >> {span.Low}) & {CodeText.Hex(span.Mask >> span.Low)})";
            parts.Add(rest == 0 ? part : $"({part} << {rest})");
        }

        return string.Join(" | ", parts);
    }

    /// <summary>An expression for a number at the field's bits.</summary>
    public static string Deposit(IReadOnlyList<BitSpan> bits, string value)
    {
        int rest = bits.Width();
        var parts = new List<string>();
        foreach (BitSpan span in bits)
        {
            rest -= span.Width;
            string shifted = rest == 0 ? value : $"({value} >> {rest})";
            string part = bits.Count == 1 ? shifted : $"({shifted} & {CodeText.Hex(span.Mask >> span.Low)})";
            parts.Add(span.Low == 0 ? part : $"({part} << {span.Low})");
        }

        return string.Join(" | ", parts);
    }

    private static void WriteAddress(CodeWriter code, string owner, FieldSpec field, string mask)
    {
        code.Line($"public HostPhysicalAddress {field.Name} => new(Raw & {mask});");
        code.Line();
        code.Doc("summary", "This entry with the address as given.");
        code.Doc("exception", "The address is not that of a page, or is wider than the entry can hold.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public {owner} With{field.Name}(HostPhysicalAddress value)", () =>
        {
            code.Block($"if ((value.Value & ~{mask}) != 0)", () =>
                code.Line($"throw new ArgumentOutOfRangeException(nameof(value), $\"{{value}} does not fit {CodeText.BitsOf(field.Bits)}.\");"));
            code.Line();
            code.Line($"return new((Raw & ~{mask}) | value.Value);");
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
        code.Doc("exception", $"The value needs more than {field.Bits.Width()} bits.", " cref=\"ArgumentOutOfRangeException\"");
        code.Block($"public {owner} With{field.Name}({type} value)", () =>
        {
            string number = field.Enum is null ? "value" : "number";
            if (field.Enum is not null)
            {
                code.Line("ulong number = (ulong)value;");
            }

            code.Block($"if ({number} > {CodeText.Hex((1ul << field.Bits.Width()) - 1)})", () =>
                code.Line($"throw new ArgumentOutOfRangeException(nameof(value), value, \"{field.Name} has {field.Bits.Width()} bits.\");"));
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
