using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace TdpHw.Generators.Tests.Support;

/// <summary>A definition file at which the generator itself fails, since reading it throws.</summary>
internal sealed class UnreadableText(Func<Exception> failure) : AdditionalText
{
    public override string Path => DefinitionText.Folder + "unreadable.hwdef.yaml";

    public override SourceText GetText(CancellationToken cancellationToken = default) => throw failure();
}
