using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

public sealed class SnapshotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tdphw-snapshots-").FullName;

    private static Func<string, string?> Nothing => _ => null;

    private static Func<string, string?> Accepting => name => name == Snapshot.AcceptVariable ? "1" : null;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_is_verified_passes_and_clears_what_was_received()
    {
        Write("A.verified.cs", "text\n");
        Write("A.received.cs", "old\n");

        Match(Nothing, ("A", "text\n"));

        Assert.Equal(["A.verified.cs"], Files());
    }

    [Fact]
    public void A_difference_is_shown_with_its_line_and_written_beside()
    {
        Write("A.verified.cs", "one\ntwo\nthree\n");

        string message = Failure(("A", "one\n2\nthree\n"));

        Assert.Contains("-    2 two\n+    2 2\n", message, StringComparison.Ordinal);
        Assert.Equal("one\n2\nthree\n", File.ReadAllText(Path.Combine(_folder, "A.received.cs")));
    }

    [Fact]
    public void A_missing_file_fails_and_is_received()
    {
        Assert.Contains("A: nothing is verified yet", Failure(("A", "text\n")), StringComparison.Ordinal);
        Assert.Equal(["A.received.cs"], Files());
    }

    [Fact]
    public void A_file_left_over_fails()
    {
        Write("A.verified.cs", "text\n");
        Write("B.verified.cs", "text\n");

        Assert.Contains("B.verified.cs: no test produces this any more", Failure(("A", "text\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void Accepting_writes_what_came_and_drops_what_did_not()
    {
        Write("A.verified.cs", "old\n");
        Write("B.verified.cs", "old\n");

        Match(Accepting, ("A", "new\n"), ("C", "new\n"));

        Assert.Equal(["A.verified.cs", "C.verified.cs"], Files());
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(_folder, "A.verified.cs")));
    }

    [Fact]
    public void A_server_does_not_accept() => Assert.Throws<InvalidOperationException>(
        () => new Snapshot(_folder, name => name == "CI" ? "true" : Accepting(name)));

    private void Match(Func<string, string?> environment, params (string Name, string Text)[] texts) =>
        new Snapshot(_folder, environment).MatchAll(texts.ToDictionary(t => t.Name, t => t.Text));

    private string Failure(params (string Name, string Text)[] texts) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Match(Nothing, texts)).Message;

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
}
