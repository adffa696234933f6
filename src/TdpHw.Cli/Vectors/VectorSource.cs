using TdpHw.Formats;

namespace TdpHw.Cli.Vectors;

/// <summary>
/// Makes a format's vectors: on each machine, at each level of its walks, an entry of each layout, and that entry with each of
/// its bits flipped.
/// </summary>
/// <param name="machines">The machines.</param>
internal sealed class VectorSource(IEnumerable<CapabilityValues> machines) : IFormatVisitor<IEnumerable<Vector>>
{
    private static readonly EntryLayout[] Layouts = [EntryLayout.Leaf, EntryLayout.Table, EntryLayout.NotPresent];

    /// <summary>The vectors of a format of the registry.</summary>
    public static IEnumerable<Vector> Of(FormatDescription format, IEnumerable<CapabilityValues> machines)
    {
        FormatRegistry.TryVisit(format.Id, new VectorSource(machines), out IEnumerable<Vector>? vectors);
        return vectors!;
    }

    /// <inheritdoc/>
    public IEnumerable<Vector> Visit<TFormat>()
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        foreach (CapabilityValues capabilities in machines)
        {
            FormatRules<TFormat> rules = TFormat.RulesFor(capabilities);

            // Where a capability says how wide addresses are, which levels a walk has says little of the hardware.
            bool isAnyLevel = TFormat.Description.Walks.Any(w => w.InputFrom is not null);
            int levels = isAnyLevel ? rules.MaxLevel : rules.Walks.Select(w => w.Levels).DefaultIfEmpty(rules.MaxLevel).Max();
            for (int level = 1; level <= levels; level++)
            {
                foreach (EntryLayout layout in Layouts)
                {
                    if (SampleEntry.Find(rules[level], layout) is not ulong sample)
                    {
                        continue;
                    }

                    yield return new Vector(capabilities, layout, null, EntryDecoder.Decode(rules, level, sample));
                    for (int bit = 0; bit < 64; bit++)
                    {
                        yield return new Vector(
                            capabilities, layout, bit, EntryDecoder.Decode(rules, level, sample ^ (1ul << bit)));
                    }
                }
            }
        }
    }
}
