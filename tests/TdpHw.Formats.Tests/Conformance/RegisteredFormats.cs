using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>
/// The formats that ship and those of this project, which stand for those of any project: one is the example of
/// <c>hwdefs/README.md</c>, one extends a format whose code is in another assembly.
/// </summary>
internal static class RegisteredFormats
{
    public static ImmutableArray<FormatDescription> All { get; } =
        [.. FormatRegistry.Formats, .. OwnFormats.FormatRegistry.Formats];

    /// <summary>Does a work for the format called <paramref name="id"/>.</summary>
    public static bool TryVisit<TResult>(string id, IFormatVisitor<TResult> visitor, [MaybeNullWhen(false)] out TResult result) =>
        FormatRegistry.TryVisit(id, visitor, out result) || OwnFormats.FormatRegistry.TryVisit(id, visitor, out result);
}
