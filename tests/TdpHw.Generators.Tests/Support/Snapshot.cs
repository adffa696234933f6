using System.Globalization;
using System.Text;

namespace TdpHw.Generators.Tests.Support;

/// <summary>
/// Compares text with files under review, by the conventions of the Verify package: <c>Name.verified.cs</c> holds what is agreed
/// on, <c>Name.received.cs</c> what came out instead. Moving to Verify is one line: make <see cref="Match"/> call
/// <c>Verifier.Verify(text, "cs").UseDirectory("Snapshots").UseFileName(name)</c>.
/// </summary>
internal sealed class Snapshot
{
    /// <summary>Set to 1, received text is accepted as verified; a CI server refuses.</summary>
    public const string AcceptVariable = "TDPHW_ACCEPT_SNAPSHOTS";

    private readonly string _folder;
    private readonly bool _isAccepting;

    /// <summary>The snapshots in a folder.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <param name="environment">Reads a variable of the environment, so that a test can have its own.</param>
    public Snapshot(string folder, Func<string, string?> environment)
    {
        _folder = folder;
        _isAccepting = environment(AcceptVariable) == "1";
        if (_isAccepting && environment("CI") == "true")
        {
            throw new InvalidOperationException($"{AcceptVariable} is set on a CI server: snapshots are accepted by people only.");
        }
    }

    /// <summary>The snapshots beside the tests.</summary>
    public static Snapshot InProject() => new(
        Path.Combine(Repository.Root, "tests", "TdpHw.Generators.Tests", "Snapshots"), Environment.GetEnvironmentVariable);

    /// <summary>Compares a set of texts by name with the verified files, of which none may be left over.</summary>
    public void MatchAll(IReadOnlyDictionary<string, string> texts)
    {
        var failures = new List<string>();
        foreach ((string name, string text) in texts.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (Match(name, text) is string failure)
            {
                failures.Add(failure);
            }
        }

        foreach (string path in VerifiedFiles().Where(p => !texts.ContainsKey(NameOf(p))))
        {
            if (_isAccepting)
            {
                File.Delete(path);
            }
            else
            {
                failures.Add($"{Path.GetFileName(path)}: no test produces this any more; delete it or accept with {AcceptVariable}=1.");
            }
        }

        if (failures.Count > 0)
        {
            Assert.Fail(string.Join("\n\n", failures));
        }
    }

    private string? Match(string name, string text)
    {
        string verified = Path.Combine(_folder, name + ".verified.cs");
        string received = Path.Combine(_folder, name + ".received.cs");
        string? expected = File.Exists(verified) ? File.ReadAllText(verified) : null;
        if (expected == text)
        {
            File.Delete(received);
            return null;
        }

        Directory.CreateDirectory(_folder);
        if (_isAccepting)
        {
            File.WriteAllText(verified, text);
            File.Delete(received);
            return null;
        }

        File.WriteAllText(received, text);
        return expected is null
            ? $"{name}: nothing is verified yet; read {name}.received.cs and accept it with {AcceptVariable}=1."
            : $"{name}: differs from {name}.verified.cs; accept it with {AcceptVariable}=1 if it is right.\n{Diff(expected, text)}";
    }

    private IEnumerable<string> VerifiedFiles() => Directory.Exists(_folder)
        ? Directory.EnumerateFiles(_folder, "*.verified.cs").Order(StringComparer.Ordinal)
        : [];

    private static string NameOf(string path) => Path.GetFileName(path)[..^".verified.cs".Length];

    /// <summary>The lines that differ, with their numbers on the side that they stand on and what surrounds them.</summary>
    private static string Diff(string expected, string actual)
    {
        const int context = 2;
        const int longest = 40;
        string[] left = expected.Split('\n');
        string[] right = actual.Split('\n');
        int start = 0;
        while (start < Math.Min(left.Length, right.Length) && left[start] == right[start])
        {
            start++;
        }

        int same = 0;
        while (same < Math.Min(left.Length, right.Length) - start && left[^(same + 1)] == right[^(same + 1)])
        {
            same++;
        }

        var text = new StringBuilder();
        Write(' ', right, Math.Max(0, start - context), start);
        Write('-', left, start, left.Length - same);
        Write('+', right, start, right.Length - same);
        Write(' ', right, right.Length - same, Math.Min(right.Length, right.Length - same + context));
        return text.ToString();

        void Write(char mark, string[] lines, int from, int to)
        {
            for (int i = from; i < Math.Min(to, from + longest); i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{mark}{i + 1,5} {lines[i]}\n");
            }

            if (to - from > longest)
            {
                text.Append(CultureInfo.InvariantCulture, $"{mark}      … {to - from - longest} more lines\n");
            }
        }
    }
}
