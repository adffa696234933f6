using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TdpHw.Generators.Tests.Support;

/// <summary>A definition file that lies nowhere, under an absolute path as the compiler passes it.</summary>
internal sealed class DefinitionText(string name, string text) : AdditionalText
{
    /// <summary>Where all definitions of the tests pretend to lie.</summary>
    public const string Folder = "/definitions/";

    public string Name => name;

    public string Text => text;

    public override string Path => Folder + name;

    public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);

    /// <summary>The same file with other text.</summary>
    public DefinitionText WithText(string changed) => new(name, changed);

    /// <summary>The same file with one place of its text changed.</summary>
    public DefinitionText With(string old, string replacement)
    {
        int at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0 && text.IndexOf(old, at + 1, StringComparison.Ordinal) < 0, $"'{old}' must stand once in {name}.");
        return WithText(text[..at] + replacement + text[(at + old.Length)..]);
    }
}
