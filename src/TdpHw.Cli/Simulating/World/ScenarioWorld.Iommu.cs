using TdpHw.Cli.Output;
using TdpHw.Cli.Simulating.Steps;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Cli.Simulating.World;

internal sealed partial class ScenarioWorld
{
    private const string Failure = "FAILURE";
    private const string Invalid = "INVALID";

    private readonly Dictionary<string, VtdUnit> _units = [];
    private readonly List<VtdUnit> _unitsOfHostWidth = [];
    private readonly Dictionary<DeviceAddress, DmaDevice> _devices = [];
    private readonly List<KvmHwpt?> _hwpts = [];
    private readonly Queue<Action> _duringDestroy = new();

    private StepAnswer Do(IommuStep step)
    {
        string name = step.Name ?? $"dmar{_units.Count}";
        if (_units.ContainsKey(name))
        {
            return Of(Errno.EEXIST);
        }

        var settings = new VtdUnitSettings(new(step.Cap), new(step.Ecap))
        {
            HostAddressWidth = step.Haw ?? _hostWidth,
            WantsScalable = step.IsScalable,
        };
        Errno error = VtdUnit.Create(Machine(), name, settings, out VtdUnit? unit);
        if (unit is not null)
        {
            _units.Add(name, unit);
            if (step.Haw is null)
            {
                _unitsOfHostWidth.Add(unit);
            }

            timeline?.AddTrack(name, name);
        }

        return Of(error);
    }

    private StepAnswer Do(DeviceStep step)
    {
        VtdUnit? unit = step.Iommu is { } name ? _units.GetValueOrDefault(name) : _units.Count == 1 ? _units.Values.Single() : null;
        if (unit is null)
        {
            return Of(Errno.ENODEV);
        }

        if (_devices.ContainsKey(step.Device))
        {
            return Of(Errno.EEXIST);
        }

        var settings = new DmaDeviceSettings { HasAts = step.HasAts, HasPri = step.HasPri, Pasid = step.Pasid };
        Errno error = unit.AddDevice(step.Device, settings, out DmaDevice? device);
        if (device is null)
        {
            return Of(error);
        }

        _devices.Add(step.Device, device);
        timeline?.AddTrack(device.ToString(), $"device {device}");
        return step.HasIopf ? Of(device.EnablePageRequests()) : Of(error);
    }

    private StepAnswer Do(HwptStep step)
    {
        if (FindFile(step.Fd) is not { } file)
        {
            return Of(Errno.EBADF);
        }

        if (!_devices.TryGetValue(step.Device, out DmaDevice? device))
        {
            return Of(Errno.ENODEV);
        }

        Errno error = KvmHwpt.Allocate(file.File, device, _caller!, step.IsNestParent, out KvmHwpt? hwpt);
        if (hwpt is null)
        {
            return Of(error);
        }

        _hwpts.Add(hwpt);
        return Of(error).With("hwpt", _hwpts.Count - 1);
    }

    private StepAnswer Do(AttachStep step) =>
        FindHwpt(step.Hwpt) is not { } hwpt ? Of(Errno.EBADF)
        : _devices.TryGetValue(step.Device, out DmaDevice? device) ? Of(hwpt.Attach(device))
        : Of(Errno.ENODEV);

    private StepAnswer Do(DetachStep step)
    {
        if (!_devices.TryGetValue(step.Device, out DmaDevice? device))
        {
            return Of(Errno.ENODEV);
        }

        KvmHwpt? hwpt = step.Hwpt is ulong number ? FindHwpt(number) : device.Hwpt;
        if (hwpt is null)
        {
            return Of(step.Hwpt is null ? Errno.EINVAL : Errno.EBADF);
        }

        return Of(hwpt.Detach(device)).With("iopf", device.ArePageRequestsEnabled);
    }

    private StepAnswer Do(HwptDestroyStep step)
    {
        if (FindHwpt(step.Hwpt) is not { } hwpt)
        {
            return Of(Errno.EBADF);
        }

        if (_duringDestroy.TryDequeue(out Action? interruption))
        {
            hwpt.InterruptDestroy(interruption);
        }

        Errno error = hwpt.Destroy();
        if (error == Errno.None)
        {
            _hwpts[(int)step.Hwpt] = null;
        }

        return Of(error);
    }

    private StepAnswer Do(DmaStep step)
    {
        if (!_devices.TryGetValue(step.Device, out DmaDevice? device))
        {
            return Of(Errno.ENODEV);
        }

        DmaAnswer dma = device.Dma(new(step.Gpa), step.IsWrite);
        bool isDone = dma.Outcome == DmaOutcome.Done;
        var answer = new StepAnswer(dma.Outcome switch
        {
            DmaOutcome.Done => StepAnswer.Ok,
            DmaOutcome.Fault => "FAULT",
            DmaOutcome.Invalid => Invalid,
            DmaOutcome.NoAnswer => nameof(Errno.EDEADLK),
            _ => Failure,
        });
        answer.With("hpa", isDone ? HexText.Of(dma.Output.Value) : null);
        if (dma.Outcome == DmaOutcome.Fault)
        {
            answer.WithHex("reason", (ulong)dma.Reason);
        }

        answer.With("requests", dma.PageRequests).With("stale", dma.IsStale);
        return dma.IsInterrupt ? answer.With("interrupt", true) : answer;
    }

    private StepAnswer Do(PageRequestStep step)
    {
        if (!_devices.TryGetValue(step.Device, out DmaDevice? device))
        {
            return Of(Errno.ENODEV);
        }

        PageResponse response = device.RequestPages([.. step.Group.Select(r => new PageRequest(new InputAddress(r.Gpa), AccessOf(r)))]);
        return response switch
        {
            PageResponse.Success => new StepAnswer(StepAnswer.Ok).With("response", "SUCCESS"),
            PageResponse.Invalid => new StepAnswer(Invalid).With("response", Invalid),
            PageResponse.None => Of(Errno.EDEADLK).With("response", null),
            _ => new StepAnswer(Failure).With("response", Failure),
        };
    }

    private KvmHwpt? FindHwpt(ulong number) => number < (ulong)_hwpts.Count ? _hwpts[(int)number] : null;

    private static TdpAccess AccessOf(RequestedPage page) =>
        (page.Read ? TdpAccess.Read : 0) | (page.Write ? TdpAccess.Write : 0) | (page.Execute ? TdpAccess.Execute : 0);
}
