namespace TdpHw.Generators.Binding;

/// <summary>Turns the words of a definition into C# names.</summary>
internal static class PascalCase
{
    /// <summary><c>page_2m</c> or <c>low-ve</c> as <c>Page2M</c> and <c>LowVe</c>.</summary>
    public static string From(string words)
    {
        var name = new System.Text.StringBuilder();
        bool startsWord = true;
        foreach (char c in words)
        {
            if (c is '_' or '-')
            {
                startsWord = true;
                continue;
            }

            name.Append(startsWord ? char.ToUpperInvariant(c) : c);
            startsWord = char.IsDigit(c);
        }

        return name.ToString();
    }
}
