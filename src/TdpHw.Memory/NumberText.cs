using System.Globalization;

namespace TdpHw.Memory;

/// <summary>Numbers as people and scripts write them: decimal, or hexadecimal with <c>0x</c>.</summary>
internal static class NumberText
{
    /// <summary>Reads a number of up to 64 bits.</summary>
    /// <param name="text">The number.</param>
    /// <param name="value">Its value.</param>
    /// <param name="problem">What is wrong with it, to follow the quoted text; empty when nothing is.</param>
    /// <returns>Whether it is a number.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong value, out string problem)
    {
        problem = "";
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        ReadOnlySpan<char> digits = isHex ? text[2..] : text;
        NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;

        // Looked at here: the system's parser lets NUL characters follow a number.
        bool areDigits = !digits.IsEmpty;
        foreach (char digit in digits)
        {
            areDigits &= isHex ? char.IsAsciiHexDigit(digit) : char.IsAsciiDigit(digit);
        }

        value = 0;
        if (areDigits && ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        problem = areDigits ? "does not fit in 64 bits"
            : text is ['-', >= '0' and <= '9', ..] ? "is negative"
            : "is not a number: write it in decimal, or in hexadecimal with 0x";
        return false;
    }
}
