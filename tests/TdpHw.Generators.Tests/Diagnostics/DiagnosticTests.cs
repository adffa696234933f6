using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests.Diagnostics;

public sealed class DiagnosticTests
{
    private static readonly IReadOnlyDictionary<string, DiagnosticCase> Cases = FormCases.All
        .Concat(ValueCases.All)
        .Concat(AccountingCases.All)
        .Concat(CrossFileCases.All)
        .ToDictionary(c => c.Title, StringComparer.Ordinal);

    public static TheoryData<string> Titles => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Titles))]
    public void An_error_is_told_where_it_stands(string title)
    {
        DiagnosticCase wrong = Cases[title];

        var harness = new GeneratorHarness(wrong.Project);

        // As one text each: the framework cuts long lists where it gets interesting.
        string expected = string.Join('\n', wrong.ExpectedLines);
        string actual = string.Join('\n', DiagnosticCase.LinesOf(harness.Result.Diagnostics));
        Assert.True(expected == actual, $"Expected:\n{expected}\nTold:\n{actual}");
    }
}
