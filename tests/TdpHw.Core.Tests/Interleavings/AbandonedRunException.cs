namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Takes a thread out of a run that is not worth finishing.</summary>
internal sealed class AbandonedRunException : Exception;
