using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>All that outside truth is held against, by name.</summary>
internal static class Subjects
{
    private static readonly Dictionary<string, IDecoderUnderTest> ByName = new()
    {
        ["interpreter"] = new InterpreterUnderTest(),
        ["emitted"] = new GeneratedUnderTest(WalkWay.Emitted),
        ["generic"] = new GeneratedUnderTest(WalkWay.Generic),
        ["batch"] = new GeneratedUnderTest(WalkWay.Batch),
    };

    /// <summary>Each subject's name.</summary>
    public static IEnumerable<string> All => ByName.Keys;

    /// <summary>Test data: each subject's name.</summary>
    public static TheoryData<string> Names => [.. All];

    /// <summary>The subject with a name.</summary>
    public static IDecoderUnderTest Named(string name) => ByName[name];
}
