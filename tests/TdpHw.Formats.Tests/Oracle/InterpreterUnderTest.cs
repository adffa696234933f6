using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>The interpreter of the repository's definitions.</summary>
internal sealed class InterpreterUnderTest : IDecoderUnderTest
{
    public IRulesUnderTest Resolve(string formatId, IReadOnlyDictionary<string, ulong> capabilities) =>
        Definitions.Format(formatId).Resolve(capabilities);
}
