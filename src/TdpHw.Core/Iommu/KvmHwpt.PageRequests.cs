using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

public sealed partial class KvmHwpt
{
    /// <inheritdoc/>
    PageResponse IPageRequestHandler.Handle(ReadOnlySpan<PageRequest> group)
    {
        foreach (PageRequest request in group)
        {
            Errno error = Serve(request);
            if (error != Errno.None)
            {
                // The first error stands for the group; what comes after it is not handled.
                return error == Errno.EDEADLK ? PageResponse.None : PageResponse.Failure;
            }
        }

        return PageResponse.Success;
    }

    private Errno Serve(in PageRequest request)
    {
        ulong gfn = request.Address.Value / HostMemory.PageSize;
        _machine.Counters.AddIoFault();

        // A table that nobody else fills is filled here; otherwise KVM maps the page, in its own table or in both.
        return _fd.Vm.Settings.Serving == Serving.Separate
            ? _fd.Vm.FaultIntoMirror(_mm, gfn, request.Access, Domain.Table!)
            : _fd.Fault(_mm, gfn, request.Access, Domain.Table);
    }
}
