using System.Text;
using TdpHw.Formats;

namespace TdpHw.Cli.Output;

/// <summary>How answers name fields and write their values.</summary>
internal static class FieldNames
{
    // There are as many as definitions have fields, and each answer needs a dozen.
    private static readonly Dictionary<string, string> Known = [];

    /// <summary>The name of a field in answers: <c>memory_type</c> for <c>MemoryType</c>.</summary>
    public static string Of(FieldDescription field)
    {
        lock (Known)
        {
            if (!Known.TryGetValue(field.Name, out string? name))
            {
                name = InAnswers(field.Name);
                Known.Add(field.Name, name);
            }

            return name;
        }
    }

    private static string InAnswers(string fieldName)
    {
        var name = new StringBuilder(fieldName.Length + 4);
        foreach (char letter in fieldName)
        {
            if (char.IsAsciiLetterUpper(letter) && name.Length != 0)
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }

    /// <summary>A value for people.</summary>
    public static string ToText(FieldDescription field, ulong value) =>
        field.Values is EnumDescription names ? names.NameOf(value)
        : field.Role == FieldRole.Address || field.Width > 8 ? HexText.Of(value)
        : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
