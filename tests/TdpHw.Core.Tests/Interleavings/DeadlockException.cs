namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Every thread that has not ended waits for another.</summary>
/// <param name="message">Who waits for what.</param>
internal sealed class DeadlockException(string message) : Exception(message);
