using TdpHw.Cli.Simulating.Steps;
using TdpHw.Core.Kvm;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>The verbs of scenarios. Scenarios rely on their names, arguments and defaults.</summary>
internal static class StepVerbs
{
    /// <summary>The verb that keeps another step for later.</summary>
    public const string Race = "race";

    private const ulong PageSize = 4096;
    private const int LeastHostWidth = 32;
    private const int MostWidth = 52;
    private const int UsualWidth = 46;
    private const int MostPasid = (1 << 20) - 1;

    // A unit with 2M and 1G pages, four and five levels, scalable mode, page requests and PASIDs.
    private const ulong UsualCap = 0x08d2078c10780c66;
    private const ulong UsualEcap = 0x0003ef9ea6f050df;

    private static readonly string[] Range = ["gpa", "size"];

    private static readonly Dictionary<string, StepVerb> Known = ((StepVerb[])
    [
        new("mode", "kind", ["kind", "serve"], (origin, a) => new ModeStep(
            origin,
            a.Word("kind", ("as-posted", false), ("strict", true)),
            a.WordOr("serve", Serving.Shared,
                ("shared", Serving.Shared), ("separate", Serving.Separate), ("mirrored", Serving.Mirrored)))),
        new("vm", null, ["maxphyaddr", "ept_levels", "huge", "mmu_present", "tdp_mmu", "hyperv", "l1tf", "nx_huge"],
            (origin, a) => new VmStep(
                origin,
                a.Number("maxphyaddr", LeastHostWidth, MostWidth, UsualWidth),
                a.Number("ept_levels", 4, 5, 4),
                a.PageLevel("huge", least: 2) ?? 3,
                a.WordOr("mmu_present", true, ("low", false), ("high", true)),
                a.Flag("tdp_mmu", true),
                a.Flag("hyperv"),
                a.Flag("l1tf"),
                a.Flag("nx_huge"))),
        new("vcpu", "maxphyaddr", ["maxphyaddr"], (origin, a) => new VCpuStep(
            origin, !a.IsNull("maxphyaddr"), a.NumberOrNull("maxphyaddr", 1, MostWidth))),
        new("memslot", null, ["gpa", "size", "backing", "readonly", "dirty_log", "private"], (origin, a) => new MemslotStep(
            origin,
            a.Number("gpa"),
            a.Number("size"),
            a.PageLevel("backing") ?? 1,
            a.Flag("readonly"),
            a.Flag("dirty_log"),
            a.Flag("private"))),
        new("memslot_delete", "gpa", ["gpa", "size", "slot"], ReadMemslotDelete),
        new("zap", null, ["gpa", "size", "backing"], (origin, a) => new ZapStep(
            origin, a.Number("gpa"), a.Number("size", PageSize), a.PageLevel("backing"))),
        new("noncoherent_dma", "noncoherent_dma", [], (origin, a) => new NoncoherentDmaStep(
            origin, a.NeededFlag("noncoherent_dma"))),
        new("iommu", null, ["name", "cap", "ecap", "haw", "scalable"], (origin, a) => new IommuStep(
            origin,
            a.Name("name"),
            a.Number("cap", UsualCap),
            a.Number("ecap", UsualEcap),
            a.NumberOrNull("haw", LeastHostWidth, MostWidth),
            a.Flag("scalable"))),
        new("device", null, ["bdf", "iommu", "ats", "pri", "pasid", "iopf"], (origin, a) => new DeviceStep(
            origin,
            a.Device("bdf"),
            a.Name("iommu"),
            a.Flag("ats", true),
            a.Flag("pri", true),
            a.NumberOrNull("pasid", 0, MostPasid),
            a.Flag("iopf"))),
        new("export", null, ["as_id", "mode", "pad"], (origin, a) => new ExportStep(
            origin, Word32(a, "as_id"), Word32(a, "mode"), Word32(a, "pad"))),
        new("hwpt", null, ["fd", "device", "nest_parent"], (origin, a) => new HwptStep(
            origin, a.Number("fd"), a.Device("device"), a.Flag("nest_parent"))),
        new("attach", null, ["device", "hwpt"], (origin, a) => new AttachStep(origin, a.Device("device"), a.Number("hwpt"))),
        new("detach", null, ["device", "hwpt"], (origin, a) => new DetachStep(
            origin, a.Device("device"), a.Has("hwpt") ? a.Number("hwpt") : null)),
        new("access", null, ["vcpu", "gpa", "write", "fetch", "smm", "guest_mode"], ReadAccess),
        new("dma", null, ["device", "gpa", "write"], (origin, a) => new DmaStep(
            origin, a.Device("device"), a.Number("gpa"), a.Flag("write"))),
        new("page_request", null, ["device", "group"], (origin, a) => new PageRequestStep(
            origin, a.Device("device"), [.. a.List("group", "a request of 'group'", ["gpa", "read", "write", "exec"]).Select(ReadRequest)])),
        OfRange("age", RangeAction.Age),
        OfRange("write_protect", RangeAction.WriteProtect),
        OfRange("dirty_log", RangeAction.DirtyLog),
        OfRange("write_track", RangeAction.WriteTrack),
        OfRange("split", RangeAction.Split),
        OfRange("collapse", RangeAction.Collapse),
        OfRange("nx_recover", RangeAction.RecoverNx),
        new("mm", "mm", [], (origin, a) => new MmStep(
            origin, a.Word("mm", ("other", ProcessFate.Other), ("exit", ProcessFate.Exit), ("own", ProcessFate.Own)))),
        new("fail_alloc", "n", ["n"], (origin, a) => new FailAllocStep(origin, (long)a.Number("n", 1, long.MaxValue))),
        new("hwpt_destroy", "hwpt", ["hwpt"], (origin, a) => new HwptDestroyStep(origin, a.Number("hwpt"))),
        new("close", "fd", ["fd"], (origin, a) => new CloseStep(origin, a.Number("fd"))),
        new("poison", "gpa", ["gpa"], (origin, a) => new PoisonStep(origin, a.Number("gpa"))),
        new("report", null, [], (origin, _) => new ReportStep(origin)),
    ]).ToDictionary(v => v.Name);

    /// <summary>The words of all verbs.</summary>
    public static IEnumerable<string> Names => Known.Keys.Append(Race);

    /// <summary>The verb with a name; null when there is none that takes arguments.</summary>
    public static StepVerb? Find(string name) => Known.GetValueOrDefault(name);

    private static StepVerb OfRange(string name, RangeAction action) => new(name, null, Range, (origin, a) =>
        new RangeStep(origin, action, a.Number("gpa"), a.Number("size", PageSize)));

    private static uint Word32(StepArguments a, string name) => a.Has(name) ? (uint)a.Number(name, 0, uint.MaxValue) : 0;

    private static MemslotDeleteStep ReadMemslotDelete(StepOrigin origin, StepArguments a)
    {
        a.Exclude("gpa", "slot");

        // The size says nothing that the slot does not say, and is checked all the same.
        _ = a.Number("size", PageSize);
        return a.Has("slot")
            ? new MemslotDeleteStep(origin, null, a.Number("slot"))
            : new MemslotDeleteStep(origin, a.Number("gpa"), null);
    }

    private static AccessStep ReadAccess(StepOrigin origin, StepArguments a)
    {
        var step = new AccessStep(
            origin, a.Number("vcpu", 0), a.Number("gpa"), a.Flag("write"), a.Flag("fetch"), a.Flag("smm"), a.Flag("guest_mode"));
        if (step.IsWrite && step.IsFetch)
        {
            a.Exclude("write", "fetch");
        }

        return step;
    }

    private static RequestedPage ReadRequest(StepArguments a) =>
        new(a.Number("gpa"), a.Flag("read"), a.Flag("write"), a.Flag("exec"));
}
