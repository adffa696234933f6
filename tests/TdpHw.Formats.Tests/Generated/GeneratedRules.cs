using System.Collections.Immutable;
using TdpHw.Formats.Tests.Conformance;

namespace TdpHw.Formats.Tests.Generated;

/// <summary>
/// Generated code of a format that is known by its id only, on one machine: what a test asks of it, with the type argument
/// hidden.
/// </summary>
internal abstract class GeneratedRules
{
    /// <summary>What the definition says.</summary>
    public abstract FormatDescription Description { get; }

    /// <summary>The capabilities that the rules were resolved for.</summary>
    public abstract CapabilityValues Capabilities { get; }

    /// <summary>The depths of walk that the capabilities allow.</summary>
    public abstract ImmutableArray<WalkShape> Walks { get; }

    /// <summary>How many levels the format has.</summary>
    public abstract int MaxLevel { get; }

    /// <summary>How wide an output address may be.</summary>
    public abstract int OutputBits { get; }

    /// <summary>An address is its bits in the entry shifted left by this.</summary>
    public abstract int AddressShift { get; }

    /// <summary>What the way to every root allows.</summary>
    public Rights RootRights { get; set; } = Rights.All;

    /// <summary>The rules of a level.</summary>
    public abstract LevelRules this[int level] { get; }

    /// <summary>The format on a machine; a capability that is not given has its default.</summary>
    public static GeneratedRules For(string formatId, IReadOnlyDictionary<string, ulong> capabilities) =>
        RegisteredFormats.TryVisit(formatId, new Resolver(capabilities), out var rules)
            ? rules
            : throw new ArgumentException($"There is no format '{formatId}'.", nameof(formatId));

    /// <summary>Takes an entry apart.</summary>
    public abstract DecodedEntry Decode(int level, ulong raw);

    /// <summary>Translates one address.</summary>
    public abstract WalkResult Walk<TMemory>(
        WalkWay way, TMemory memory, ulong root, int levels, InputAddress address, Access access)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>
    /// Translates many addresses in one batch, four entries at a time or one by one; as the processor likes it when null.
    /// </summary>
    public abstract void WalkAll<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        ReadOnlySpan<InputAddress> addresses,
        Access access,
        Span<WalkResult> results,
        bool? sideBySide = null)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>Gathers what a cursor stops at.</summary>
    public abstract List<CursorEntry> List<TMemory>(
        TMemory memory, ulong root, int levels, Wanted wanted, ImmutableArray<ulong> emptyValues = default)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>Gathers what a range cursor stops at.</summary>
    public abstract RangeListing Ranges<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        long maxLeaves = long.MaxValue,
        ImmutableArray<ulong> emptyValues = default,
        InputAddress first = default,
        InputAddress? last = null)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>Gathers the tables that a sweep shows.</summary>
    public abstract List<ScannedTable> Sweep<TMemory>(TMemory memory, ulong root, int levels, out long notInMemory)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>Gathers the tables that a scan shows.</summary>
    public abstract List<ScannedTable> Scan<TMemory>(
        TMemory memory, ulong root, int levels, out long notInMemory, out long cycles)
        where TMemory : struct, IPhysicalMemory;

    /// <summary>Counts what lies below a root.</summary>
    public abstract TreeCounts Count<TMemory>(
        TMemory memory,
        ulong root,
        int levels,
        ImmutableArray<ulong> emptyValues = default,
        CancellationToken cancellation = default)
        where TMemory : struct, IPhysicalMemory;

    private sealed class Resolver(IReadOnlyDictionary<string, ulong> capabilities) : IFormatVisitor<GeneratedRules>
    {
        public GeneratedRules Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat>
        {
            CapabilityValues values = TFormat.Description.DefaultCapabilities;
            foreach ((string name, ulong value) in capabilities)
            {
                values = values.With(name, checked((int)value));
            }

            return new GeneratedRulesOf<TFormat>(TFormat.RulesFor(values));
        }
    }
}
