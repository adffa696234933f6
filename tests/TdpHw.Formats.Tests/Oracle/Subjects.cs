namespace TdpHw.Formats.Tests.Oracle;

/// <summary>All that outside truth is held against, by name.</summary>
internal static class Subjects
{
    private static readonly Dictionary<string, IDecoderUnderTest> All = new()
    {
        ["interpreter"] = new InterpreterUnderTest(),
    };

    /// <summary>Test data: each subject's name.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>The subject with a name.</summary>
    public static IDecoderUnderTest Named(string name) => All[name];
}
