using System.Globalization;
using TdpHw.Core.Kvm;
using TdpHw.Core.Tests.Kvm.Traces;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>A VM with the captures' slots whose guest does what the captured guest did.</summary>
public sealed class CapturedGuestTests
{
    [Theory]
    [InlineData("ept-default", 206)]
    [InlineData("ept-noad", 225)]
    [InlineData("ept-huge", 85)]
    public void Each_access_is_served_by_the_page_size_that_kvm_chose(string name, int compared)
    {
        var guest = new CapturedGuest(name);
        int count = 0;
        foreach ((TraceEvent fault, TraceEvent end, CpuAccess access) in guest.Run())
        {
            if (end.Kind == TraceEventKind.PageMapped)
            {
                Assert.True(access.Level == end.Level, $"line {fault.Line}: level {access.Level}");
                count++;
            }
        }

        Assert.Equal(compared, count);
    }

    [Theory]
    [InlineData("ept-default", 10)]
    [InlineData("ept-noad", 10)]
    [InlineData("ept-huge", 1)]
    public void The_guest_leaves_for_emulated_mmio_where_the_captured_one_did(string name, int exits)
    {
        var guest = new CapturedGuest(name);
        string[] seen =
        [
            .. guest.Run().Where(a => a.Access.IsMmio)
                .Select(a => string.Create(
                    CultureInfo.InvariantCulture, $"MMIO {a.Fault.Address:x} len 8 write {(a.Fault.IsWrite ? 1 : 0)}")),
        ];

        Assert.Equal(guest.Capture.MmioExits, seen);
        Assert.Equal(exits, guest.Vm.Machine.Counters.MmioExits);
    }

    [Theory]
    [InlineData("ept-default")]
    [InlineData("ept-noad")]
    [InlineData("ept-huge")]
    public void All_accesses_go_through_one_root_of_the_captured_role(string name)
    {
        var guest = new CapturedGuest(name);
        Assert.All(guest.Run(), a => Assert.Same(guest.Vm.Roots[0], a.Access.Root));
        TdpRoot root = Assert.Single(guest.Vm.Roots);
        Assert.Equal(guest.Capture.Levels, root.Level);
        Assert.Equal(!guest.Capture.HasAccessedDirty, root.Role.IsAdDisabled);
        Assert.Equal(0, guest.Vm.Machine.Counters.StaleHits);
    }
}
