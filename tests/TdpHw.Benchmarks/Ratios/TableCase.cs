using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>Something that is measured on the tables of a guest, in any format.</summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
/// <param name="format">The format of the tables.</param>
internal abstract class TableCase<TFormat>(GuestFormat<TFormat> format) : RatioCase
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public abstract override GuestShape Shape { get; }

    public sealed override bool IsFor(GuestFormat other) => other is GuestFormat<TFormat>;

    /// <summary>The tables that it is measured on.</summary>
    protected GuestTables<TFormat> Tables(RatioRun run) => run.Tables(format, Shape);
}
