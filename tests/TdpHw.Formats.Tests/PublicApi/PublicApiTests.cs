using System.Runtime.CompilerServices;

namespace TdpHw.Formats.Tests.PublicApi;

/// <summary>
/// What users of the library can name, hand-written and generated, is what was last accepted: a change of it is seen in
/// review.
/// </summary>
public sealed class PublicApiTests
{
    private const string FileName = "PublicApi.verified.txt";

    [Fact]
    public void The_public_api_is_the_accepted_one()
    {
        string actual = ApiText.Of(typeof(FormatRegistry).Assembly);
        if (Environment.GetEnvironmentVariable("TDPHW_ACCEPT_SNAPSHOTS") == "1")
        {
            Assert.False(
                Environment.GetEnvironmentVariable("CI") == "true", "Snapshots are accepted by people, not by a build server.");
            File.WriteAllText(SourceFile(), actual);
            return;
        }

        string[] expectedLines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PublicApi", FileName));
        string[] actualLines = actual.TrimEnd('\n').Split('\n');
        IEnumerable<string> gone = expectedLines.Except(actualLines).Select(line => "- " + line);
        IEnumerable<string> added = actualLines.Except(expectedLines).Select(line => "+ " + line);
        Assert.True(
            expectedLines.SequenceEqual(actualLines),
            $"The public API changed. Set TDPHW_ACCEPT_SNAPSHOTS=1 to accept:\n{string.Join('\n', gone.Concat(added))}");
    }

    private static string SourceFile([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, FileName);
}
