namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Definitions say something else than outside truth.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
