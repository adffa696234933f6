using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>A VM with a capture's slots, and the accesses of its guest that faulted.</summary>
internal sealed class CapturedGuest
{
    private readonly VCpu _vcpu;

    public CapturedGuest(string name)
    {
        Capture = KvmCapture.Open(name);
        var machine = new Machine(SharingMode.AsPosted);
        Vm = new Vm(machine, Capture.CreateVendor(), new VmSettings());
        _vcpu = Vm.AddVCpu(Capture.MaxPhyAddr);
        foreach (CapturedSlot slot in Capture.Slots)
        {
            Assert.Equal(Errno.None, Vm.AddSlot(SettingsOf(slot), out _));
        }
    }

    public KvmCapture Capture { get; }

    public Vm Vm { get; }

    /// <summary>
    /// Each fault of the trace as an access of the model's guest, with the event that ended its handling in the kernel. What the
    /// host did in between is done too. A slot whose writes are logged from somewhere on is left alone from there: the model's
    /// slots are made so or never.
    /// </summary>
    public IEnumerable<(TraceEvent Fault, TraceEvent End, CpuAccess Access)> Run()
    {
        bool isLoggingLater = false;
        for (int i = 0; i < Capture.Trace.Count; i++)
        {
            TraceEvent e = Capture.Trace[i];
            switch (e.Kind)
            {
                case TraceEventKind.HugePageSplit:
                    isLoggingLater = true;
                    break;

                case TraceEventKind.HostAged:
                    ForEachRange(e, (start, size) => Vm.Age(start, size));
                    break;

                case TraceEventKind.HostUnmapped:
                    ForEachRange(e, (start, size) => Vm.UnmapHost(start, size));
                    break;

                case TraceEventKind.PageFault when !isLoggingLater || !IsLoggedLater(e.Address):
                    Access access = e.IsWrite ? Access.Write : e.IsFetch ? Access.Execute : Access.Read;
                    CpuAccess done = _vcpu.Access(new InputAddress(e.Address), access);
                    Assert.Equal(Errno.None, done.Error);
                    yield return (e, EndOf(i), done);
                    break;
            }
        }
    }

    private static MemorySlotSettings SettingsOf(CapturedSlot slot) =>
        new(new InputAddress(slot.Start), slot.Size, slot.HostLevel, slot.IsReadOnly, slot.LogsDirtyFromStart);

    private bool IsLoggedLater(ulong address) => Capture.Slots.Any(s => s.LogsDirtyLater && s.Contains(address));

    private TraceEvent EndOf(int fault) => Capture.Trace.Skip(fault + 1).TakeWhile(e => e.Kind != TraceEventKind.PageFault)
        .FirstOrDefault(e => e.Kind is TraceEventKind.PageMapped or TraceEventKind.MmioMarked);

    private void ForEachRange(in TraceEvent e, Action<InputAddress, ulong> action)
    {
        foreach (CapturedSlot slot in Capture.Slots)
        {
            ulong from = Math.Max(e.Start, slot.HostStart);
            ulong to = Math.Min(e.End, slot.HostStart + slot.Size);
            if (from < to)
            {
                action(new InputAddress(slot.ToGuest(from)), to - from);
            }
        }
    }
}
