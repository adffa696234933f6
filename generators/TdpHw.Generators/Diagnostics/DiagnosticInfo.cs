using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Diagnostics;

/// <summary>
/// A diagnostic as plain values, so that it can travel through the pipeline without holding a syntax tree or a file.
/// </summary>
internal sealed record DiagnosticInfo(string Id, string Path, SourceSpan Span, EquatableArray<string> Arguments)
{
    public Diagnostic ToDiagnostic()
    {
        DiagnosticDescriptor descriptor = DiagnosticCatalog.ById[Id];
        Location location = Location.Create(
            Path,
            new TextSpan(Span.Start, Span.Length),
            new LinePositionSpan(
                new LinePosition(Span.Line, Span.Column), new LinePosition(Span.EndLine, Span.EndColumn)));
        Diagnostic diagnostic = Diagnostic.Create(descriptor, location, [.. Arguments]);
        return Span.Inherited is { } from
            ? Diagnostic.Create(
                DiagnosticCatalog.OfBase(descriptor, diagnostic.GetMessage(CultureInfo.InvariantCulture), from), location)
            : diagnostic;
    }
}
