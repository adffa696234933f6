using System.Collections.Immutable;

namespace TdpHw.Generators.Model;

/// <summary>Makes <see cref="EquatableArray{T}"/>s.</summary>
internal static class EquatableArrayExtensions
{
    public static EquatableArray<T> ToEquatableArray<T>(this IEnumerable<T> items) => new(items.ToImmutableArray());
}
