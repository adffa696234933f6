using System.Collections.Immutable;
using TdpHw.Benchmarks.Ratios;
using TdpHw.Benchmarks.Tables;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Cases;

/// <summary>A device's page request for one page of 4K, taken through the export to KVM, against a bare map of one page.</summary>
internal sealed class FaultCase : RatioCase
{
    private const ulong Pages = 256;
    private const ulong Start = 1ul << 30;
    private const ulong Frame = 0x4_5670_0000;
    private const int Rounds = 20;

    public override ImmutableArray<Goal> Goals => [Ratios.Goals.Fault];

    public override IEnumerable<RatioRow> Measure(RatioRun run)
    {
        var machine = new Machine(SharingMode.Strict);
        (Vm vm, TdpFd fd) = CreateExport(machine);
        SecondStageTable table = MapCase.CreateTable(machine);

        // One page in the same lowest table, so that the tables stay, as KVM's do.
        table.Map((Start >> 12) + Pages, new(Frame), 1, isWritable: true);
        double[] ns = Interleaved.MeasurePairs(
            Rounds,
            run.Budget,
            (() => FaultIn(fd, vm), () => vm.UnmapHost(new(Start), Pages * HostMemory.PageSize)),
            (() => Map(table), () => table.Unmap(Start >> 12, (Start >> 12) + Pages - 1)));
        return [RatioRow.Measured(Goals[0], ns[0] / Pages, ns[2] / Pages, ("unit", "page"))];
    }

    /// <summary>A VM with some memory from 1 GiB on, exported.</summary>
    public static (Vm Vm, TdpFd Fd) CreateExport(Machine machine)
    {
        var capabilities = new EptCapabilities { MaxPhyAddr = GuestFormat.AddressBits };
        string variant = VmxVendor.VariantFor(machine.Mode, hasMmuPresentHigh: true);
        var vm = new Vm(machine, new VmxVendor(capabilities, variant), new VmSettings());
        vm.AddVCpu(GuestFormat.AddressBits);
        Require(vm.AddSlot(new MemorySlotSettings(new(Start), Pages * HostMemory.PageSize), out _));
        Require(vm.CreateTdpFd(0, 0, 0, out TdpFd? fd));
        return (vm, fd!);
    }

    private static void FaultIn(TdpFd fd, Vm vm)
    {
        for (ulong i = 0; i < Pages; i++)
        {
            Require(fd.Fault(vm.Mm, (Start >> 12) + i, TdpAccess.Write));
        }
    }

    private static void Map(SecondStageTable table)
    {
        for (ulong i = 0; i < Pages; i++)
        {
            Require(table.Map((Start >> 12) + i, new(Frame + (i << 12)), 1, isWritable: true));
        }
    }

    private static void Require(Errno error)
    {
        if (error != Errno.None)
        {
            throw new InvalidOperationException($"The model answers {error}.");
        }
    }
}
