using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

/// <summary>Devices, vCPUs and the host at work at once: in strict mode nobody ever uses what is gone.</summary>
public sealed class ManyDevicesTests
{
    private const ulong Memory = 64ul << 20;
    private const ulong PageSize = 0x1000;
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(700);

    public static TheoryData<Serving, int, bool> Cases => new()
    {
        { Serving.Shared, 1, false },
        { Serving.Shared, 2, true },
        { Serving.Separate, 1, true },
        { Serving.Separate, 2, false },
        { Serving.Mirrored, 1, false },
        { Serving.Mirrored, 2, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task No_translation_outlives_its_flush_and_no_table_its_walks(Serving serving, int backing, bool logsDirty)
    {
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict,
            new VmSettings { Serving = serving },
            slot: new MemorySlotSettings(new(0), Memory, backing, LogsDirty: logsDirty),
            variant: "strict");
        VtdUnit second = host.AddUnit("second", ImportingHost.UnitSettings);
        KvmHwpt shared = host.Allocate(host.AddDevice("00:00.0"));
        DmaDevice[] devices =
        [
            host.AddDevice("00:01.0"),
            host.AddDevice("00:02.0"),
            host.AddDevice("00:03.0", unit: second),
            host.AddDevice("00:04.0", new DmaDeviceSettings { Pasid = 9 }, second),
        ];
        foreach (DmaDevice device in devices)
        {
            Assert.Equal(Errno.None, shared.Attach(device));
        }

        using var stop = new CancellationTokenSource(Duration);
        CancellationToken token = stop.Token;
        long done = 0;
        await Task.WhenAll(
        [
            .. devices.Select((d, i) => Run(i, random =>
            {
                DmaAnswer answer = d.Dma(Address(random), random.Next(2) == 0);
                Assert.True(answer.Outcome is DmaOutcome.Done or DmaOutcome.Failure, answer.ToString());
                Assert.False(answer.IsStale);
                Interlocked.Add(ref done, answer.Outcome == DmaOutcome.Done ? 1 : 0);
            })),
            Run(10, random => Assert.Equal(Errno.None, host.VCpu.Access(Address(random), Pick(random)).Error)),
            Run(11, random => host.Vm.UnmapHost(Address(random), PageSize << random.Next(10))),
            Run(12, random => Disturb(host, random)),
        ]);

        Assert.Equal(0, host.Machine.Counters.StaleHits);
        Assert.Equal(0, host.Machine.Counters.FreedTableReads);
        Assert.Equal(0, host.Machine.Counters.UsesAfterFree);
        Assert.True(done > 100, $"{done} accesses were done");

        // At rest, device and vCPU see the same memory.
        for (ulong address = 0; address < Memory; address += 0x7_3000)
        {
            DmaAnswer answer = devices[0].Dma(new(address), isWrite: true);
            Assert.Equal(host.Touch(address), answer.Output);
        }

        Task Run(int seed, Action<Random> step) => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!token.IsCancellationRequested)
            {
                step(random);
            }
        });
    }

    [Fact]
    public async Task Devices_come_and_go_while_the_host_takes_memory_away()
    {
        ImportingHost host = ImportingHost.Create(
            SharingMode.Strict, slot: new MemorySlotSettings(new(0), Memory), variant: "strict");
        DmaDevice steady = host.AddDevice("00:01.0");
        DmaDevice[] comers = [host.AddDevice("00:02.0"), host.AddDevice("00:03.0")];
        KvmHwpt[] tables = [host.Attach(steady), host.Allocate(steady)];
        using var stop = new CancellationTokenSource(Duration);
        CancellationToken token = stop.Token;
        await Task.WhenAll(
        [
            Run(1, random => Assert.False(steady.Dma(Address(random), random.Next(2) == 0).IsStale)),
            Run(2, random => host.Vm.UnmapHost(Address(random), PageSize << random.Next(10))),
            .. comers.Select((device, i) => Run(10 + i, random => Assert.False(device.Dma(Address(random), random.Next(2) == 0).IsStale))),
            .. comers.Select((device, i) => Run(20 + i, random =>
            {
                KvmHwpt table = tables[random.Next(2)];
                Assert.Equal(Errno.None, table.Attach(device));
                Thread.Yield();
                if (random.Next(2) == 0)
                {
                    Assert.Equal(Errno.None, device.Hwpt!.Detach(device));
                }
            })),
        ]);

        Assert.Equal((0, 0), (host.Machine.Counters.StaleHits, host.Machine.Counters.FreedTableReads));
        foreach (DmaDevice device in comers)
        {
            device.Hwpt?.Detach(device);
            Assert.Equal(Errno.None, device.Remove());
        }

        Assert.Equal(Errno.None, tables[1].Destroy());
        Assert.Equal(Errno.None, tables[0].Detach(steady));
        Assert.Equal(Errno.None, tables[0].Destroy());
        Assert.Equal(1, host.Fd.References);

        Task Run(int seed, Action<Random> step) => Task.Run(() =>
        {
            var random = new Random(seed);
            while (!token.IsCancellationRequested)
            {
                step(random);
            }
        });
    }

    private static InputAddress Address(Random random) => new((ulong)random.NextInt64((long)(Memory / PageSize)) * PageSize);

    private static Access Pick(Random random) => random.Next(3) switch
    {
        0 => Access.Read,
        1 => Access.Write,
        _ => Access.Execute,
    };

    private static void Disturb(ImportingHost host, Random random)
    {
        InputAddress address = Address(random);
        ulong size = PageSize << random.Next(10);
        switch (random.Next(6))
        {
            case 0:
                host.Vm.WriteProtect(address, size);
                break;
            case 1:
                host.Vm.Age(address, size);
                break;
            case 2:
                host.Vm.TakeDirtyLog(address, size);
                break;
            case 3:
                Assert.Equal(Errno.None, host.Vm.Split(address, size, out _));
                break;
            case 4:
                host.Vm.Collapse(address, size);
                break;
            default:
                if (host.Vm.AddSlot(new MemorySlotSettings(new(1ul << 32), 0x10_0000), out MemorySlot? slot) == Errno.None)
                {
                    Assert.Equal(Errno.None, host.Vm.DeleteSlot(slot!));
                }

                break;
        }
    }
}
