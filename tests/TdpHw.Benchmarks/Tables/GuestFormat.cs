using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Tables;

/// <summary>A format that the tables of a guest can be written in.</summary>
internal abstract class GuestFormat
{
    /// <summary>The physical address width of the machine.</summary>
    public const int AddressBits = 46;

    /// <summary>The formats, the one that all cases are there for first.</summary>
    public static ImmutableArray<GuestFormat> All { get; } = [new EptGuest(), new NptGuest(), new AmdV1Guest()];

    /// <summary>The format's name, which is that of the peers' header, too.</summary>
    public abstract string Id { get; }

    /// <summary>All cases, in an order in which those with the same tables follow one another.</summary>
    public abstract ImmutableArray<RatioCase> Cases { get; }
}

/// <summary>
/// A format that the tables of a guest can be written in: what its entries hold beside their address, which each of these formats
/// has in bits 51:12, and the flags of the hardware, which its rules tell.
/// </summary>
/// <typeparam name="TFormat">The format.</typeparam>
internal abstract class GuestFormat<TFormat> : GuestFormat
    where TFormat : struct, IPageTableFormat<TFormat>
{
    public override string Id => TFormat.Description.Id;

    public override ImmutableArray<RatioCase> Cases => RatioCases.Of(this);

    /// <summary>The format's rules on the machine.</summary>
    public abstract FormatRules<TFormat> Rules { get; }

    /// <summary>An entry that maps a page of its level's size and allows everything, or everything but writes.</summary>
    public abstract ulong Leaf(int level, bool canWrite);

    /// <summary>An entry that leads to a table of the level below and allows everything.</summary>
    public abstract ulong Table(int level);

    /// <summary>An entry of level 1 that the hardware refuses as malformed.</summary>
    public abstract ulong Refused { get; }

    /// <summary>The case of an importer that reads the tables.</summary>
    public abstract RatioCase AuditCase();
}
