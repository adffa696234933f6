using System.Text.Json.Nodes;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Cli.Simulating.World;

/// <summary>
/// What a scenario happens to: a machine with one VM, units and devices, and what the steps made of them, by their numbers.
/// </summary>
/// <param name="timeline">Told of what happens within the steps; null for nobody.</param>
internal sealed partial class ScenarioWorld(Timeline? timeline)
{
    private readonly JsonArray _meanwhile = [];
    private SharingMode _mode = SharingMode.AsPosted;
    private Serving _serving;
    private Machine? _machine;
    private bool _isInDeviceFault;

    /// <summary>Does a step.</summary>
    /// <returns>What came of it, and of the steps that were kept for the middle of it.</returns>
    public StepAnswer Do(ScenarioStep step)
    {
        StepAnswer answer = Answer(step);
        if (_meanwhile.Count != 0)
        {
            answer.With("meanwhile", _meanwhile.DeepClone());
            _meanwhile.Clear();
        }

        return answer;
    }

    private static StepAnswer Of(Errno error) => new(error == Errno.None ? StepAnswer.Ok : error.ToString());

    private StepAnswer Answer(ScenarioStep step) => step switch
    {
        ModeStep s => Do(s),
        VmStep s => Do(s),
        IommuStep s => Do(s),
        DeviceStep s => Do(s),
        FailAllocStep s => Do(s),
        ReportStep => Report(),
        CloseStep s => Do(s),
        HwptDestroyStep s => Do(s),
        AttachStep s => Do(s),
        DetachStep s => Do(s),
        DmaStep s => Do(s),
        PageRequestStep s => Do(s),
        _ when _vm is null => Of(Errno.ENODEV),
        VCpuStep s => Do(_vm, s),
        MemslotStep s => Do(_vm, s),
        MemslotDeleteStep s => Do(_vm, s),
        ZapStep s => Do(_vm, s),
        PoisonStep s => Of(_vm.Poison(new(s.Gpa))),
        RangeStep s => Do(_vm, s),
        NoncoherentDmaStep s => Of(_vm.SetNoncoherentDma(s.IsPresent)),
        MmStep s => Do(_vm, s),
        AccessStep s => Do(_vm, s),
        ExportStep s => Do(_vm, s),
        HwptStep s => Do(s),
        RaceStep s => Do(_vm, s),
        _ => throw new InvalidOperationException($"no world for the verb '{step.Origin.Verb}'."),
    };

    private StepAnswer Do(ModeStep step)
    {
        // What is there already was made for the other mode.
        if (_machine is not null)
        {
            return Of(Errno.EBUSY);
        }

        _mode = step.IsStrict ? SharingMode.Strict : SharingMode.AsPosted;
        _serving = step.Serving;
        return Of(Errno.None);
    }

    private StepAnswer Do(FailAllocStep step)
    {
        Machine().Allocations.FailNext(step.Count);
        return Of(Errno.None);
    }

    private StepAnswer Do(Vm vm, RaceStep step)
    {
        if (step.Nested is not { } nested)
        {
            vm.LoseDeviceFault();
        }
        else if (step.Moment == RaceMoment.Fault)
        {
            vm.InterruptDeviceFault(() => Meanwhile(nested, isInDeviceFault: true));
        }
        else
        {
            _duringDestroy.Enqueue(() => Meanwhile(nested, isInDeviceFault: false));
        }

        return Of(Errno.None);
    }

    private void Meanwhile(ScenarioStep step, bool isInDeviceFault)
    {
        bool wasInDeviceFault = _isInDeviceFault;
        _isInDeviceFault = isInDeviceFault;
        StepAnswer answer = Answer(step);
        _isInDeviceFault = wasInDeviceFault;
        var entry = new JsonObject { ["verb"] = step.Origin.Verb, ["result"] = answer.Result };
        foreach ((string name, JsonNode? value) in answer.Fields)
        {
            entry.Add(name, value?.DeepClone());
        }

        _meanwhile.Add((JsonNode)entry);
    }

    private Machine Machine()
    {
        if (_machine is null)
        {
            _machine = new Machine(_mode);
            if (timeline is not null)
            {
                _machine.Observer = e => timeline.Add(EventWords.Of(e.Kind), e.Subject, e.Address, e.Size, e.Detail);
            }
        }

        return _machine;
    }
}
