using System.CommandLine.Parsing;

namespace TdpHw.Cli.CommandLine;

/// <summary>
/// Reads words of the command line as they stand. The library's own way to them passes converters for all types that it
/// knows, which takes a noticeable part of a short run.
/// </summary>
internal static class Words
{
    /// <summary>Reads the one word of an argument.</summary>
    public static string One(ArgumentResult result) => result.Tokens[0].Value;

    /// <summary>Reads all words of an argument.</summary>
    public static string[] All(ArgumentResult result)
    {
        var words = new string[result.Tokens.Count];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = result.Tokens[i].Value;
        }

        return words;
    }
}
