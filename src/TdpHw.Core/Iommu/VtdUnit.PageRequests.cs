using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

public sealed partial class VtdUnit
{
    /// <summary>Receives a group of page requests and answers it. (Series, patches 15 and 23.)</summary>
    internal PageResponse Receive(DmaDevice device, ReadOnlySpan<PageRequest> group)
    {
        foreach (PageRequest request in group)
        {
            _machine.Counters.AddPageRequest();
            _machine.Report(
                MachineEventKind.PageRequest, device.ToString(), request.Address.Value, detail: request.Access.ToString());
        }

        PageResponse response = Respond(device.Handler, group);
        _machine.Report(
            MachineEventKind.PageResponse, device.ToString(), group[^1].Address.Value, detail: response.ToString());
        return response;
    }

    private PageResponse Respond(IPageRequestHandler? handler, ReadOnlySpan<PageRequest> group)
    {
        if (handler is null)
        {
            return PageResponse.Invalid;
        }

        foreach (PageRequest request in group)
        {
            if (request.IsPrivileged
                || (request.Access & (TdpAccess.Read | TdpAccess.Execute)) == (TdpAccess.Read | TdpAccess.Execute)
                || !IsInRange(request.Address, handler))
            {
                return PageResponse.Invalid;
            }
        }

        return handler.Handle(group);
    }

    private bool IsInRange(InputAddress address, IPageRequestHandler handler)
    {
        // As posted the test is the one for a process's addresses, on a host with four levels: bits 63:47 alike.
        const int signBit = 47;
        return _machine.Mode.Closes(Hazard.HighAddressesRefused)
            ? address.Value >> handler.InputBits == 0
            : (long)address.Value >> signBit is 0 or -1;
    }
}
