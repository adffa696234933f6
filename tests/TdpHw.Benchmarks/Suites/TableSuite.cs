using BenchmarkDotNet.Attributes;
using TdpHw.Benchmarks.Tables;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Benchmarks.Suites;

/// <summary>What reads tables: the EPT of a guest of 16 GiB in 4K pages. Nothing of it may allocate.</summary>
[MemoryDiagnoser]
public class TableSuite
{
    private const int BatchSize = 4096;

    private GuestTables<Ept> _tables = null!;
    private SnapshotIndex<Ept> _index = null!;
    private InputAddress[] _addresses = [];
    private WalkResult[] _results = [];
    private int _next;

    /// <summary>Makes the tables.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _tables = new GuestTables<Ept>(new EptGuest(), GuestShape.Small);
        _index = SnapshotIndexer.Index(_tables.Memory, _tables.Root);
        _addresses = [.. Addresses.Random(GuestShape.Small, BatchSize).Select(a => new InputAddress(a))];
        _results = new WalkResult[BatchSize];
    }

    /// <summary>One random address.</summary>
    [Benchmark]
    public WalkResult Translate() => Ept.Walk(_tables.Memory, _tables.Root, _addresses[_next++ % BatchSize]);

    /// <summary>A batch of random addresses.</summary>
    [Benchmark(OperationsPerInvoke = BatchSize)]
    public void Batch() => BatchWalk.Walk(_tables.Memory, _tables.Root, _addresses, Access.None, _results);

    /// <summary>The same batch through an index of the snapshot.</summary>
    [Benchmark(OperationsPerInvoke = BatchSize)]
    public void IndexedBatch() => BatchWalk.Walk(_tables.Memory, _index, _addresses, Access.None, _results);

    /// <summary>What every entry of the tree is.</summary>
    [Benchmark]
    public int Classify()
    {
        int leaves = 0;
        var cursor = new ScanCursor<Ept, FlatMemory>(_tables.Memory, _tables.Root);
        while (cursor.MoveNext())
        {
            leaves += cursor.Bitmaps.Leaf.Count();
        }

        return leaves;
    }

    /// <summary>The ranges of the tree.</summary>
    [Benchmark]
    public long Ranges()
    {
        var cursor = new RangeCursor<Ept, FlatMemory>(_tables.Memory, _tables.Root);
        while (cursor.MoveNext())
        {
        }

        return cursor.Leaves;
    }
}
