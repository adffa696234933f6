using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Images;

/// <summary>A root to look at, once for all that share it.</summary>
/// <param name="Root">The root.</param>
/// <param name="Names">What the image says it belongs to; empty when it says nothing.</param>
internal sealed record NamedRoot<TFormat>(Root<TFormat> Root, ImmutableArray<string> Names)
    where TFormat : struct, IPageTableFormat<TFormat>
{
    /// <summary>The root for people: its address and all its names.</summary>
    public override string ToString() => Names.IsEmpty
        ? Root.Table.ToString()
        : $"{Root.Table} ({string.Join(", ", Names)})";
}
