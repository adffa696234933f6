using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Images;

/// <summary>A root before the format has judged it.</summary>
/// <param name="Table">The root table's address.</param>
/// <param name="Levels">How many levels a walk has; null when nothing says it.</param>
/// <param name="Names">What the image says it belongs to.</param>
internal sealed record RequestedRoot(HostPhysicalAddress Table, int? Levels, ImmutableArray<string> Names)
{
    /// <summary>What the way to the root table allows.</summary>
    public Rights Rights { get; init; } = Rights.All;
}
