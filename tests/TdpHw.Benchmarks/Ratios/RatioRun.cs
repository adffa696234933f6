using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>What the cases of one run share: the peers, each built when first asked for, the tables at hand, and where progress goes.</summary>
internal sealed class RatioRun(PeerCompiler compiler, GuestFormat format, TextWriter log)
{
    private readonly Lazy<LimitPeer?> _limits = new(() => compiler.Load("limits") is { } library ? new LimitPeer(library) : null);

    private readonly Lazy<WalkerPeer?> _walker = new(() => compiler.Load("walker", format.Id) is { } library ? new WalkerPeer(library) : null);

    private readonly Lazy<ScannerPeer?> _scanner =
        new(() => compiler.Load("scanner", format.Id) is { } library ? new ScannerPeer(library) : null);

    private readonly Lazy<MapperPeer?> _mapper = new(() => compiler.Load("mapper") is { } library ? new MapperPeer(library) : null);

    private readonly Lazy<AddrXlatPeer?> _addrXlat =
        new(() => compiler.Load("addrxlat", null, "addrxlat") is { } library ? new AddrXlatPeer(library) : null);

    private GuestTables? _tables;

    /// <summary>How long the rounds of one case may take.</summary>
    public TimeSpan Budget { get; } = TimeSpan.FromSeconds(1.5);

    public LimitPeer? Limits => _limits.Value;

    public WalkerPeer? Walker => _walker.Value;

    public ScannerPeer? Scanner => _scanner.Value;

    public MapperPeer? Mapper => _mapper.Value;

    public AddrXlatPeer? AddrXlat => _addrXlat.Value;

    /// <summary>The tables of a guest, made anew unless the last case had the same.</summary>
    public GuestTables<TFormat> Tables<TFormat>(GuestFormat<TFormat> of, GuestShape shape)
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        if (_tables is GuestTables<TFormat> tables && tables.Shape == shape)
        {
            return tables;
        }

        _tables = null;
        log.WriteLine($"making the tables of {shape.Name} for {of.Id}, {shape.TableBytes >> 20} MiB");
        tables = new GuestTables<TFormat>(of, shape);
        _tables = tables;
        return tables;
    }

    /// <summary>Whether the tables of a guest are at hand.</summary>
    public bool Has(GuestShape? shape) => shape is not null && _tables?.Shape == shape;

    /// <summary>Prints two checksums of the same answers.</summary>
    /// <exception cref="InvalidOperationException">They differ: one side is wrong, and its speed says nothing.</exception>
    public void Compare(string what, ulong ours, ulong peers)
    {
        log.WriteLine($"{what}: checksum {ours:x16}, peer {peers:x16}");
        if (ours != peers)
        {
            throw new InvalidOperationException($"{what}: the answers differ.");
        }
    }
}
