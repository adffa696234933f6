using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>How values are written in C#.</summary>
internal static class CodeText
{
    /// <summary>Hexadecimal with the digits in fours: <c>0x000f_ffff_ffff_f000</c>.</summary>
    public static string Hex(ulong value)
    {
        if (value <= 0xffff)
        {
            return "0x" + value.ToString("x", CultureInfo.InvariantCulture);
        }

        string digits = value.ToString("x16", CultureInfo.InvariantCulture);
        string grouped = string.Join("_", Enumerable.Range(0, 4).Select(i => digits.Substring(i * 4, 4)));
        return "0x" + (value <= 0xffff_ffff ? grouped.Substring(10) : grouped);
    }

    /// <summary>A string literal.</summary>
    public static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";

    /// <summary>A whole number.</summary>
    public static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>"bit 7" or "bits 51:12".</summary>
    public static string BitsOf(IReadOnlyCollection<BitSpan> bits) =>
        (bits.Count == 1 && bits.First().Width == 1 ? "bit " : "bits ") + bits.Format();

    /// <summary>The text with its first letter in upper case.</summary>
    public static string Capitalised(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text.Substring(1);

    /// <summary>The text with its first letter in lower case.</summary>
    public static string Camel(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    /// <summary>The name of a parameter or local for what <paramref name="name"/> calls.</summary>
    /// <param name="taken">Names that the code around it uses itself.</param>
    public static string Local(string name, params IEnumerable<string> taken)
    {
        string local = Camel(name);
        return taken.Contains(local) ? local + "Value"
            : SyntaxFacts.GetKeywordKind(local) == SyntaxKind.None ? local
            : "@" + local;
    }
}
