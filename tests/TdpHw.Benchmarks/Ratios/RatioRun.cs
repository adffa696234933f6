using TdpHw.Benchmarks.Peers;
using TdpHw.Benchmarks.Tables;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>What the cases of one run share: the peers, the tables at hand, and where progress goes.</summary>
internal sealed class RatioRun(PeerCompiler compiler, TextWriter log)
{
    private GuestTables? _tables;

    /// <summary>How long the rounds of one case may take.</summary>
    public TimeSpan Budget { get; } = TimeSpan.FromSeconds(1.5);

    public LimitPeer? Limits { get; } = compiler.Load("limits") is { } library ? new LimitPeer(library) : null;

    public WalkerPeer? Walker { get; } = compiler.Load("walker") is { } library ? new WalkerPeer(library) : null;

    public ScannerPeer? Scanner { get; } = compiler.Load("scanner") is { } library ? new ScannerPeer(library) : null;

    public MapperPeer? Mapper { get; } = compiler.Load("mapper") is { } library ? new MapperPeer(library) : null;

    public AddrXlatPeer? AddrXlat { get; } = compiler.Load("addrxlat", "addrxlat") is { } library ? new AddrXlatPeer(library) : null;

    /// <summary>The tables of a guest, made anew unless the last case had the same.</summary>
    public GuestTables Tables(GuestShape shape)
    {
        if (_tables?.Shape != shape)
        {
            _tables = null;
            log.WriteLine($"making the tables of {shape.Name}, {shape.TableBytes >> 20} MiB");
            _tables = GuestTables.Build(shape);
        }

        return _tables;
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
