namespace TdpHw.Core.Tests.Interleavings;

/// <summary>What one thread of a world does.</summary>
/// <param name="Name">What it is called in a schedule.</param>
/// <param name="Run">What it does.</param>
internal sealed record Operation(string Name, Action Run);
