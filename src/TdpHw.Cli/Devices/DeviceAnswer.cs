using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>What a unit does with a request.</summary>
/// <param name="Address">The address of the request.</param>
/// <param name="Access">Whether it reads or writes.</param>
/// <param name="Result">What the unit does.</param>
internal readonly record struct DeviceAnswer(ulong Address, Access Access, DeviceAccess Result)
{
    /// <summary>The word for what becomes of it.</summary>
    public string Outcome => Result.IsInterrupt ? "interrupt" : Result.IsAllowed ? "ok" : "fault";

    /// <summary>The word for reading or writing.</summary>
    public string AccessWord => Access == Access.Write ? "write" : "read";

    /// <summary>Whether there is a place that it goes to.</summary>
    public bool HasOutput => Result.IsAllowed && !Result.IsInterrupt;

    /// <summary>The walk, when it looked for an entry.</summary>
    public WalkResult? Walk => Result.Walk is { Outcome: not WalkOutcome.AddressTooWide } walk ? walk : null;

    /// <summary>The entry that the walk ended at, when it could be read.</summary>
    public ulong? Entry => Walk is { Outcome: not WalkOutcome.NotInMemory } walk ? walk.Entry : null;
}
