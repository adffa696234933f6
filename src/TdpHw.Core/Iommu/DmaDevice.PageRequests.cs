using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

public sealed partial class DmaDevice
{
    // Shared by page requests under way, alone for who takes their handler away.
    private readonly SharedGate _requests;
    private int _pageRequestUsers;

    /// <summary>Whether it asks for pages that are not mapped.</summary>
    public bool ArePageRequestsEnabled
    {
        get
        {
            _machine.Interleaving?.Before(this, 0, writes: false);
            return Volatile.Read(ref _pageRequestUsers) != 0;
        }
    }

    /// <summary>Whether device and unit can do page requests. (Series, patch 16; Linux 6.7, intel_iommu_enable_iopf.)</summary>
    internal bool CanUsePageRequests =>
        CanUseAts && Settings.HasPri && Unit.IsScalable && Unit.Settings.Ecap.PageRequests && Unit.Settings.Ecap.Pasid;

    /// <summary>Who answers its page requests; null while it is not attached. The lock of the requests guards it.</summary>
    internal IPageRequestHandler? Handler { get; private set; }

    /// <summary>Sends a group of page requests and waits for the answer.</summary>
    /// <param name="group">The requests; they are answered together.</param>
    /// <returns>The answer; <see cref="PageResponse.Invalid"/> also when page requests are off, and nothing is sent.</returns>
    /// <exception cref="ArgumentException">The group is empty.</exception>
    public PageResponse RequestPages(params ReadOnlySpan<PageRequest> group)
    {
        if (group.IsEmpty)
        {
            throw new ArgumentException("a group has one request at least.", nameof(group));
        }

        using SharedGate.Held held = _requests.EnterShared();
        return ArePageRequestsEnabled ? Unit.Receive(this, group) : PageResponse.Invalid;
    }

    /// <summary>Switches page requests on for one more user.</summary>
    /// <returns>ENODEV when device or unit can't; as posted EBUSY when they are on, and the first user is the only one.</returns>
    public Errno EnablePageRequests()
    {
        if (!CanUsePageRequests)
        {
            return Errno.ENODEV;
        }

        _machine.Interleaving?.Before(this, 0, writes: true);
        if (_machine.Mode.Closes(Hazard.PageRequestsSwitchedOff))
        {
            Interlocked.Increment(ref _pageRequestUsers);
            return Errno.None;
        }

        return Interlocked.CompareExchange(ref _pageRequestUsers, 1, 0) == 0 ? Errno.None : Errno.EBUSY;
    }

    /// <summary>Switches page requests off: as posted for all, in strict mode for one user, so that they stay on for others.</summary>
    public void DisablePageRequests()
    {
        _machine.Interleaving?.Before(this, 0, writes: true);
        if (!_machine.Mode.Closes(Hazard.PageRequestsSwitchedOff))
        {
            Volatile.Write(ref _pageRequestUsers, 0);
            return;
        }

        int users;
        do
        {
            users = Volatile.Read(ref _pageRequestUsers);
        }
        while (users != 0 && Interlocked.CompareExchange(ref _pageRequestUsers, users - 1, users) != users);
    }

    /// <summary>Has page requests answered by somebody else; those under way are answered first.</summary>
    internal void SetHandler(IPageRequestHandler? handler)
    {
        using SharedGate.Held held = _requests.EnterExclusive();
        Handler = handler;
    }
}
