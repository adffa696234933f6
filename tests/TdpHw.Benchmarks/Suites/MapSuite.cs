using BenchmarkDotNet.Attributes;
using TdpHw.Benchmarks.Cases;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Suites;

/// <summary>What writes tables: 256 pages of 4K, in an importer's own table and through an export.</summary>
[MemoryDiagnoser]
public class MapSuite
{
    private const ulong Pages = 256;
    private const ulong Start = 1ul << 30;
    private const ulong Gfn = Start >> 12;
    private const ulong Frame = 0x4_5670_0000;

    private SecondStageTable _table = null!;
    private Vm _vm = null!;
    private TdpFd _fd = null!;

    /// <summary>Makes a table and a VM with an export; a page in the same lowest table keeps the tables.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var machine = new Machine(SharingMode.Strict);
        _table = MapCase.CreateTable(machine);
        _table.Map(Gfn + Pages, new(Frame), 1, isWritable: true);
        (_vm, _fd) = FaultCase.CreateExport(machine);
    }

    /// <summary>Unmaps what is to be mapped.</summary>
    [IterationSetup(Target = nameof(Map))]
    public void BeforeMap() => _table.Unmap(Gfn, Gfn + Pages - 1);

    /// <summary>Maps 256 pages at once.</summary>
    [Benchmark]
    public void Map() => _table.MapPages(Gfn, new(Frame), Pages, isWritable: true, out _);

    /// <summary>Maps what is to be unmapped.</summary>
    [IterationSetup(Target = nameof(Unmap))]
    public void BeforeUnmap() => Map();

    /// <summary>Unmaps 256 pages.</summary>
    [Benchmark]
    public int Unmap() => _table.Unmap(Gfn, Gfn + Pages - 1);

    /// <summary>Has the host take its pages away.</summary>
    [IterationSetup(Target = nameof(Fault))]
    public void BeforeFault() => _vm.UnmapHost(new InputAddress(Start), Pages * HostMemory.PageSize);

    /// <summary>256 page requests through the export.</summary>
    [Benchmark]
    public void Fault()
    {
        for (ulong i = 0; i < Pages; i++)
        {
            _fd.Fault(_vm.Mm, Gfn + i, TdpAccess.Write);
        }
    }
}
