using Microsoft.CodeAnalysis;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Diagnostics;

/// <summary>Gathers all that is wrong with one file, so that it can be told at once.</summary>
internal sealed class DiagnosticBag(string path)
{
    private readonly List<DiagnosticInfo> _items = [];

    public bool IsEmpty => _items.Count == 0;

    public void Add(DiagnosticDescriptor descriptor, SourceSpan span, params string[] arguments)
    {
        var diagnostic = new DiagnosticInfo(descriptor.Id, path, span, arguments.ToEquatableArray());
        if (!_items.Contains(diagnostic))
        {
            _items.Add(diagnostic);
        }
    }

    public void Add(DiagnosticDescriptor descriptor, Node at, params string[] arguments) =>
        Add(descriptor, at.Span, arguments);

    public EquatableArray<DiagnosticInfo> ToEquatableArray() =>
        _items.OrderBy(d => d.Span.Start).ThenBy(d => d.Id, StringComparer.Ordinal).ToEquatableArray();
}
