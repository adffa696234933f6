using System.Collections.Immutable;
using TdpHw.Benchmarks.Tables;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>Something that is measured; it gives one row or several.</summary>
internal abstract class RatioCase
{
    /// <summary>The rows that it gives.</summary>
    public abstract ImmutableArray<Goal> Goals { get; }

    /// <summary>The tables that it is measured on; null for none.</summary>
    public virtual GuestShape? Shape => null;

    /// <summary>Whether it can be measured on tables of that format; of EPT alone, where a case does not say otherwise.</summary>
    public virtual bool IsFor(GuestFormat format) => format is EptGuest;

    /// <summary>How many bytes it needs beside the tables.</summary>
    public virtual long ExtraBytes => 64 << 20;

    /// <summary>Compares the answers, then the times.</summary>
    public abstract IEnumerable<RatioRow> Measure(RatioRun run);
}
