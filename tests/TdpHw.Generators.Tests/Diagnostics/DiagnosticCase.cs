using System.Globalization;
using Microsoft.CodeAnalysis;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests.Diagnostics;

/// <summary>
/// A definition with something wrong in it. Each place where an error must be told is marked in its text; the small definitions,
/// or those that ship, lie beside it.
/// </summary>
/// <param name="Title">What is wrong, as a sentence.</param>
/// <param name="File">The file with its marks.</param>
/// <param name="Expected">The errors in the order of the marks.</param>
internal sealed record DiagnosticCase(string Title, DefinitionText File, params (string Id, string Message)[] Expected)
{
    /// <summary>What stands before the place of an error, and is no part of the file.</summary>
    public const char Mark = '¦';

    /// <summary>Files that lie beside it in place of the small definitions.</summary>
    public IReadOnlyList<DefinitionText>? Others { get; init; }

    /// <summary>What must be told of the other files, as whole lines.</summary>
    public IReadOnlyList<string> Elsewhere { get; init; } = [];

    /// <summary>All files of the project, without marks.</summary>
    public IReadOnlyList<DefinitionText> Project =>
    [
        .. (Others ?? SmallDefinitions.All).Where(other => other.Name != File.Name),
        File.WithText(File.Text.Replace(Mark.ToString(), "", StringComparison.Ordinal)),
    ];

    /// <summary>What must be told: <c>tiny.hwdef.yaml(3,7): TDPHW002: …</c>, with the places of the marks.</summary>
    public IEnumerable<string> ExpectedLines => Elsewhere.Concat(Places().Zip(Expected, (place, error) => string.Create(
        CultureInfo.InvariantCulture, $"{File.Name}({place.Line},{place.Column}): {error.Id}: {error.Message}")));

    /// <summary>What was told, in the same form.</summary>
    public static IEnumerable<string> LinesOf(IEnumerable<Diagnostic> diagnostics) => diagnostics.Select(diagnostic =>
    {
        FileLinePositionSpan span = diagnostic.Location.GetLineSpan();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(span.Path)}({span.StartLinePosition.Line + 1},{span.StartLinePosition.Character + 1}): {diagnostic.Id}: {diagnostic.GetMessage(CultureInfo.InvariantCulture)}");
    });

    /// <summary>Where the marks stand once they are taken out, counted from 1.</summary>
    public IEnumerable<(int Line, int Column)> Places()
    {
        int line = 1;
        int column = 1;
        foreach (char c in File.Text)
        {
            if (c == Mark)
            {
                yield return (line, column);
            }
            else if (c == '\n')
            {
                line++;
                column = 1;
            }
            else
            {
                column++;
            }
        }
    }
}
