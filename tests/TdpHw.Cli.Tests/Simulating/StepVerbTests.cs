using TdpHw.Cli.Input;
using TdpHw.Cli.Simulating.Reading;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;

namespace TdpHw.Cli.Tests.Simulating;

public sealed class StepVerbTests
{
    private static readonly StepOrigin At = new(1, "", default);
    private static readonly DeviceAddress Device = new(0x3a, 0x1f << 3 | 7);

    public static TheoryData<string, object> Given => new()
    {
        { "- mode: strict", new ModeStep(At, true, Serving.Shared) },
        { "- mode: as-posted", new ModeStep(At, false, Serving.Shared) },
        { "- mode: { kind: strict, serve: mirrored }", new ModeStep(At, true, Serving.Mirrored) },
        { "- mode: { kind: as-posted, serve: separate }", new ModeStep(At, false, Serving.Separate) },
        { "- mode: { serve: shared, kind: as-posted }", new ModeStep(At, false, Serving.Shared) },
        {
            "- vm: { maxphyaddr: 40, ept_levels: 5, huge: 2m, mmu_present: low, tdp_mmu: false, hyperv: true, l1tf: true, nx_huge: true }",
            new VmStep(At, 40, 5, 2, false, false, true, true, true)
        },
        { "- vm: { huge: 1G, mmu_present: high, tdp_mmu: true, hyperv: false }", new VmStep(At, 46, 4, 3, true, true, false, false, false) },
        { "- vcpu: { maxphyaddr: 39 }", new VCpuStep(At, true, 39) },
        { "- vcpu: { maxphyaddr: null }", new VCpuStep(At, false, null) },
        { "- vcpu: { maxphyaddr: 1 }", new VCpuStep(At, true, 1) },
        { "- vcpu: 52", new VCpuStep(At, true, 52) },
        { "- vcpu: null", new VCpuStep(At, false, null) },
        { "- vcpu: ~", new VCpuStep(At, false, null) },
        {
            "- memslot: { gpa: 0x1000, size: 2M, backing: 2m, readonly: true, dirty_log: true, private: true }",
            new MemslotStep(At, 0x1000, 0x200000, 2, true, true, true)
        },
        { "- memslot: { gpa: 1g, size: 1, backing: 1G }", new MemslotStep(At, 1 << 30, 1, 3, false, false, false) },
        { "- memslot: { gpa: 1t, size: 16K, backing: 4k }", new MemslotStep(At, 1ul << 40, 0x4000, 1, false, false, false) },
        { "- memslot_delete: { gpa: 4096 }", new MemslotDeleteStep(At, 4096, null) },
        { "- memslot_delete: 4K", new MemslotDeleteStep(At, 4096, null) },
        { "- memslot_delete: { gpa: 4096, size: 1G }", new MemslotDeleteStep(At, 4096, null) },
        { "- memslot_delete: { slot: 3 }", new MemslotDeleteStep(At, null, 3) },
        { "- zap: { gpa: 0xfffffffffffff000, size: 2M, backing: 1g }", new ZapStep(At, 0xfffffffffffff000, 0x200000, 3) },
        { "- noncoherent_dma: true", new NoncoherentDmaStep(At, true) },
        { "- noncoherent_dma: TRUE", new NoncoherentDmaStep(At, true) },
        { "- noncoherent_dma: False", new NoncoherentDmaStep(At, false) },
        { "- noncoherent_dma: false", new NoncoherentDmaStep(At, false) },
        {
            "- iommu: { name: dmar0, cap: 0x1, ecap: 2, haw: 39, scalable: false }",
            new IommuStep(At, "dmar0", 1, 2, 39, false)
        },
        {
            "- device: { bdf: 3a:1f.7, iommu: dmar0, ats: false, pri: false, pasid: 0xfffff, iopf: true }",
            new DeviceStep(At, Device, "dmar0", false, false, 0xfffff, true)
        },
        { "- device: { bdf: '0000:3a:1f.7', pasid: null }", new DeviceStep(At, Device, null, true, true, null, false) },
        { "- export: { as_id: 1, mode: 2, pad: 0xffffffff }", new ExportStep(At, 1, 2, uint.MaxValue) },
        { "- hwpt: { fd: 1, device: 3a:1f.7, nest_parent: true }", new HwptStep(At, 1, Device, true) },
        { "- attach: { device: 3a:1f.7, hwpt: 2 }", new AttachStep(At, Device, 2) },
        { "- detach: { device: 3a:1f.7, hwpt: 2 }", new DetachStep(At, Device, 2) },
        {
            "- access: { vcpu: 1, gpa: 0x2000, write: true, smm: true, guest_mode: true }",
            new AccessStep(At, 1, 0x2000, true, false, true, true)
        },
        { "- access: { gpa: 0x2000, fetch: true, write: false }", new AccessStep(At, 0, 0x2000, false, true, false, false) },
        { "- dma: { device: 3a:1f.7, gpa: 0x3000, write: true }", new DmaStep(At, Device, 0x3000, true) },
        { "- age: { gpa: 0, size: 1G }", new RangeStep(At, RangeAction.Age, 0, 1 << 30) },
        { "- mm: other", new MmStep(At, ProcessFate.Other) },
        { "- mm: exit", new MmStep(At, ProcessFate.Exit) },
        { "- mm: own", new MmStep(At, ProcessFate.Own) },
        { "- fail_alloc: 2", new FailAllocStep(At, 2) },
        { "- fail_alloc: { n: 3 }", new FailAllocStep(At, 3) },
        { "- hwpt_destroy: 4", new HwptDestroyStep(At, 4) },
        { "- hwpt_destroy: { hwpt: 4 }", new HwptDestroyStep(At, 4) },
        { "- close: 5", new CloseStep(At, 5) },
        { "- close: { fd: 0xffffffffffffffff }", new CloseStep(At, ulong.MaxValue) },
        { "- poison: 0x1000", new PoisonStep(At, 0x1000) },
        { "- poison: { gpa: 0x1000 }", new PoisonStep(At, 0x1000) },
        { "- report", new ReportStep(At) },
        { "- report:", new ReportStep(At) },
        { "- report: null", new ReportStep(At) },
        { "- report: {}", new ReportStep(At) },
    };

    public static TheoryData<string, object> Omitted => new()
    {
        { "- vm", new VmStep(At, 46, 4, 3, true, true, false, false, false) },
        { "- vm:", new VmStep(At, 46, 4, 3, true, true, false, false, false) },
        { "- vm: {}", new VmStep(At, 46, 4, 3, true, true, false, false, false) },
        { "- vm: null", new VmStep(At, 46, 4, 3, true, true, false, false, false) },
        { "- vcpu", new VCpuStep(At, true, null) },
        { "- vcpu:", new VCpuStep(At, true, null) },
        { "- vcpu: {}", new VCpuStep(At, true, null) },
        { "- memslot: { gpa: 0, size: 4K }", new MemslotStep(At, 0, 4096, 1, false, false, false) },
        { "- zap: { gpa: 0x5000 }", new ZapStep(At, 0x5000, 4096, null) },
        { "- iommu", new IommuStep(At, null, 0x08d2078c10780c66, 0x0003ef9ea6f050df, null, false) },
        { "- device: { bdf: 3a:1f.7 }", new DeviceStep(At, Device, null, true, true, null, false) },
        { "- export", new ExportStep(At, 0, 0, 0) },
        { "- hwpt: { fd: 0, device: 3a:1f.7 }", new HwptStep(At, 0, Device, false) },
        { "- detach: { device: 3a:1f.7 }", new DetachStep(At, Device, null) },
        { "- access: { gpa: 0 }", new AccessStep(At, 0, 0, false, false, false, false) },
        { "- dma: { device: 3a:1f.7, gpa: 0 }", new DmaStep(At, Device, 0, false) },
        { "- age: { gpa: 1 }", new RangeStep(At, RangeAction.Age, 1, 4096) },
        { "- write_protect: { gpa: 2 }", new RangeStep(At, RangeAction.WriteProtect, 2, 4096) },
        { "- dirty_log: { gpa: 3 }", new RangeStep(At, RangeAction.DirtyLog, 3, 4096) },
        { "- write_track: { gpa: 4 }", new RangeStep(At, RangeAction.WriteTrack, 4, 4096) },
        { "- split: { gpa: 5 }", new RangeStep(At, RangeAction.Split, 5, 4096) },
        { "- collapse: { gpa: 6 }", new RangeStep(At, RangeAction.Collapse, 6, 4096) },
        { "- nx_recover: { gpa: 7 }", new RangeStep(At, RangeAction.RecoverNx, 7, 4096) },
    };

    [Theory]
    [MemberData(nameof(Given))]
    public void Arguments_are_what_they_say(string text, object expected) => Check(text, expected);

    [Theory]
    [MemberData(nameof(Omitted))]
    public void Omitted_arguments_have_defaults(string text, object expected) => Check(text, expected);

    [Fact]
    public void Page_requests_come_in_groups()
    {
        var step = Assert.IsType<PageRequestStep>(ReadScenario.One(
            """
            - page_request:
                device: 3a:1f.7
                group:
                - { gpa: 0x1000, read: true }
                - gpa: 2M
                  write: true
                  exec: true
            """));

        Assert.Equal(Device, step.Device);
        Assert.Equal([new(0x1000, true, false, false), new(0x200000, false, true, true)], step.Group.ToArray());
    }

    [Theory]
    [InlineData("- race: { zap: { gpa: 0x1000, size: 8K } }", false, "zap", 1, 11)]
    [InlineData("- race:\n    memslot_delete: { slot: 0 }", false, "memslot_delete", 2, 5)]
    [InlineData("- race:\n    write_track:\n      gpa: 0", false, "write_track", 2, 5)]
    [InlineData("- race: { poison: 1 }", false, "poison", 1, 11)]
    [InlineData("- race: { during: fault, access: { gpa: 0 } }", false, "access", 1, 26)]
    [InlineData("- race: { during: destroy, zap: { gpa: 0 } }", true, "zap", 1, 28)]
    [InlineData("- race:\n    zap: { gpa: 0 }\n    during: destroy", true, "zap", 2, 5)]
    public void A_race_holds_another_step(string text, bool isAtDestroy, string verb, int line, int column)
    {
        var step = Assert.IsType<RaceStep>(ReadScenario.One(text));

        Assert.Equal(new StepOrigin(1, "race", new TextPlace(ReadScenario.File, 1, 3)), step.Origin);
        Assert.Equal(isAtDestroy ? RaceMoment.Destroy : RaceMoment.Fault, step.Moment);
        Assert.Equal(new StepOrigin(1, verb, new TextPlace(ReadScenario.File, line, column)), step.Nested?.Origin);
    }

    [Fact]
    public void A_race_may_be_lost_to_nobody_in_particular()
    {
        var step = Assert.IsType<RaceStep>(ReadScenario.One("- race: lost"));

        Assert.Equal((RaceMoment.Fault, null), (step.Moment, step.Nested));
    }

    [Fact]
    public void Every_verb_is_tested()
    {
        string[] others = ["page_request", "race"];

        IEnumerable<string> tested = Given.Concat(Omitted).Select(row => ReadScenario.One((string)row[0]).Origin.Verb);

        Assert.Equal(StepVerbs.Names.Order(), tested.Concat(others).Distinct().Order());
    }

    [Fact]
    public void A_step_knows_its_number_and_where_its_verb_stands()
    {
        ReadScenario read = ReadScenario.Of("# steps\n- mode: strict\n\n-   vm: {}\n-\n  report:\n");

        Assert.Equal(
            [
                new StepOrigin(1, "mode", new TextPlace(ReadScenario.File, 2, 3)),
                new StepOrigin(2, "vm", new TextPlace(ReadScenario.File, 4, 5)),
                new StepOrigin(3, "report", new TextPlace(ReadScenario.File, 6, 3)),
            ],
            read.Steps.Select(s => s.Origin));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("007", 7)]
    [InlineData("4096", 4096)]
    [InlineData("0xFFF", 0xfff)]
    [InlineData("0X1f", 0x1f)]
    [InlineData("'0x10'", 16)]
    [InlineData("\"16\"", 16)]
    [InlineData("1k", 1024)]
    [InlineData("3K", 3 * 1024)]
    [InlineData("0x10K", 16 * 1024)]
    [InlineData("2m", 2ul << 20)]
    [InlineData("2M", 2ul << 20)]
    [InlineData("5g", 5ul << 30)]
    [InlineData("5G", 5ul << 30)]
    [InlineData("7t", 7ul << 40)]
    [InlineData("16777215T", 16777215ul << 40)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue)]
    public void Numbers_are_decimal_or_hexadecimal_or_have_a_unit(string text, ulong value)
    {
        var step = Assert.IsType<PoisonStep>(ReadScenario.One($"- poison: {text}"));

        Assert.Equal(value, step.Gpa);
    }

    private static void Check(string text, object expected) =>
        Assert.Equal((ScenarioStep)expected, ReadScenario.One(text) with { Origin = At });

    [Fact]
    public void The_guide_to_scenarios_has_a_row_for_each_verb_with_all_its_arguments()
    {
        string[] rows = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "scenarios", "README.md"));
        foreach (string verb in StepVerbs.Names)
        {
            string row = Assert.Single(rows, l => l.StartsWith($"| `{verb}` |", StringComparison.Ordinal));
            string[] words = row.Split([' ', '|', '*', '`', ',', ':', ';'], StringSplitOptions.RemoveEmptyEntries);
            Assert.All(StepVerbs.Find(verb)?.Arguments ?? [], a => Assert.Contains(a, words));
        }

        Assert.Equal(StepVerbs.Names.Count(), rows.Count(l => l.StartsWith("| `", StringComparison.Ordinal)));
    }
}
