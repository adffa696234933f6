namespace TdpHw.Core.Machines;

/// <summary>Something that happened on a machine, for a timeline.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Subject">To whom: a vCPU, a device, a unit, a root.</param>
/// <param name="Address">The first address that it concerns, in bytes.</param>
/// <param name="Size">How many bytes it concerns; 0 where that means nothing, all bits set for everything.</param>
/// <param name="Detail">What else there is to say.</param>
public readonly record struct MachineEvent(
    MachineEventKind Kind, string Subject, ulong Address = 0, ulong Size = 0, string Detail = "");
