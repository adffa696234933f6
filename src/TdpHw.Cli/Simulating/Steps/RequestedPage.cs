namespace TdpHw.Cli.Simulating.Steps;

/// <summary>A request of a group.</summary>
/// <param name="Gpa">The guest-physical address.</param>
/// <param name="Read">Whether to read.</param>
/// <param name="Write">Whether to write.</param>
/// <param name="Execute">Whether to execute.</param>
internal readonly record struct RequestedPage(ulong Gpa, bool Read, bool Write, bool Execute);
