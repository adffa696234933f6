using TdpHw.Core.Tests.Kvm.Traces;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>
/// What made the kernel change its tables, given to the model's own operations: they change the same entries to the same values,
/// to the last bit, and no others.
/// </summary>
/// <remarks>
/// From the trace come the causes: faults, aging, the host's unmappings, which huge pages were split and whose dirty flags were
/// taken, and what the host alone decides: where pages and tables lie, and by <see cref="HostPages"/> whether a page is writable.
/// From capture.json come the slots. Levels, entries and the tables on the way are the model's.
/// </remarks>
public sealed class TraceCauseTests
{
    [Theory]
    [InlineData("ept-default", 214, 0, 8, 3, 1047, 1778)]
    [InlineData("ept-noad", 243, 99, 88, 3, 1047, 1717)]
    [InlineData("ept-huge", 86, 0, 0, 0, 0, 94)]
    public void The_model_changes_its_tables_as_the_kernel_did(
        string name, int faults, int aged, int unmapped, int split, int cleaned, int used)
    {
        KvmCapture capture = KvmCapture.Open(name);
        var run = new CauseReplay(capture);

        run.Run();

        Assert.Equal(capture.Trace.Count(e => e.Kind == TraceEventKind.EntryChanged), run.Compared);
        Assert.Equal((faults, aged, unmapped, split, cleaned), (run.Faults, run.Aged, run.Unmapped, run.Split, run.Cleaned));
        Assert.Equal(capture.Leaves.Count(l => capture.SlotOf(l.Address).IsDevice), run.Devices);
        Assert.Equal(used, run.AssertIs(capture));
    }
}
