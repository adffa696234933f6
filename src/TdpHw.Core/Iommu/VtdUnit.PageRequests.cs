using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

public sealed partial class VtdUnit
{
    /// <summary>
    /// Receives a group of page requests and answers it. Each takes with it what the unit keeps of its address, so that the device's
    /// next try sees the tables as they are. (Series, patches 15 and 23; Intel VT-d Architecture Specification, 6.5.3.1 "Implicit
    /// Invalidation on Page Requests".)
    /// </summary>
    internal PageResponse Receive(DmaDevice device, ReadOnlySpan<PageRequest> group)
    {
        foreach (PageRequest request in group)
        {
            _machine.Counters.AddPageRequest();
            _machine.Report(
                MachineEventKind.PageRequest, device.ToString(), request.Address.Value, detail: request.Access.ToString());
        }

        PageResponse response = TryDropRequested(device, group) ? Respond(device.Handler, group) : PageResponse.Invalid;
        _machine.Report(
            MachineEventKind.PageResponse, device.ToString(), group[^1].Address.Value, detail: response.ToString());
        return response;
    }

    /// <summary>Drops what is kept of the addresses of a group.</summary>
    /// <returns>Whether the device's entries say what to drop; otherwise its requests are refused, and nobody hears of them.</returns>
    private bool TryDropRequested(DmaDevice device, ReadOnlySpan<PageRequest> group)
    {
        VtdDevice found;
        using (_gate.EnterShared())
        {
            found = _tables.Find(device.Address, device.Settings.Pasid);
        }

        if (found.Fault != VtdFaultReason.None)
        {
            return false;
        }

        foreach (PageRequest request in group)
        {
            InputAddress page = new(request.Address.Value & ~(ulong)(HostMemory.PageSize - 1));
            Drop(InvalidationDescriptor.OfPages(found.Domain, page, mask: 0, leavesOnly: false));
        }

        return true;
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
