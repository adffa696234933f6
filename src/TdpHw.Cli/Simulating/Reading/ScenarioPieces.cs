using System.Globalization;
using System.Text;
using TdpHw.Cli.Input;

namespace TdpHw.Cli.Simulating.Reading;

/// <summary>
/// Cuts a scenario where its steps start, so that each is read by itself: whatever is wrong further down, the steps above are
/// whole. By the rules of YAML all lines of an item are indented deeper than its dash. A scenario in another style, such as
/// JSON, stays in one piece.
/// </summary>
/// <param name="lines">The lines.</param>
/// <param name="file">What the scenario is called, for messages.</param>
internal sealed class ScenarioPieces(IEnumerable<ScenarioLine> lines, string file)
{
    /// <summary>The most characters of a piece: a longer one is no sensible step, and must not fill the memory.</summary>
    public const int MaxLength = 1 << 24;

    private readonly StringBuilder _text = new();
    private TextPlace _start;

    // Comments and empty lines belong to the step above them only if more of it follows.
    private readonly StringBuilder _gap = new();
    private InputException? _gapProblem;

    /// <summary>Reads them one by one.</summary>
    /// <exception cref="InputException">What follows is no part of a list of steps.</exception>
    public IEnumerable<ScenarioPiece> Read()
    {
        using IEnumerator<ScenarioLine> rest = lines.GetEnumerator();
        GoToContent(rest);
        if (!rest.Current.StartsItem)
        {
            yield return Whole(rest);
            yield break;
        }

        int indent = rest.Current.Indent;
        Begin(rest.Current);
        while (rest.MoveNext())
        {
            ScenarioLine line = rest.Current;
            if (!line.IsSignificant)
            {
                AddToGap(line);
            }
            else if (line.Indent > indent)
            {
                GoOn(line);
            }
            else
            {
                yield return Take();
                EndGap();
                if (line.EndsDocument)
                {
                    ExpectNothing(rest);
                    yield break;
                }

                CheckStart(line, indent);
                Begin(line);
            }
        }

        yield return Take();
        EndGap();
    }

    private void GoToContent(IEnumerator<ScenarioLine> rest)
    {
        bool hasStarted = false;
        while (rest.MoveNext())
        {
            ScenarioLine line = rest.Current;
            if ((line.Problem ?? Misplaced(line, hasStarted)) is InputException problem)
            {
                throw problem;
            }

            if (line.IsSignificant && !line.OnlyStartsDocument)
            {
                return;
            }

            hasStarted |= line.IsSignificant;
        }

        throw new TextPlace(file, 1, 1).Malformed("the scenario is empty; write a list of steps, such as '- report'");
    }

    private ScenarioPiece Whole(IEnumerator<ScenarioLine> rest)
    {
        _start = rest.Current.Place;
        InputException? problem;
        do
        {
            ScenarioLine line = rest.Current;
            problem = line.Problem ?? TooLong(line, _text.Length);
            if (problem is null)
            {
                _text.Append(line.Text).Append('\n');
            }
        }
        while (problem is null && rest.MoveNext());

        return new ScenarioPiece(_start, _text.ToString(), IsOneStep: false, problem);
    }

    private void Begin(ScenarioLine line)
    {
        _start = line.Place;
        _text.Append(line.Text).Append('\n');
    }

    private void GoOn(ScenarioLine line)
    {
        if ((_gapProblem ?? line.Problem ?? TooLong(line, _text.Length + _gap.Length)) is InputException problem)
        {
            throw problem;
        }

        _text.Append(_gap).Append(line.Text).Append('\n');
        _gap.Clear();
    }

    private ScenarioPiece Take()
    {
        var piece = new ScenarioPiece(_start, _text.ToString(), IsOneStep: true, Problem: null);
        _text.Clear();
        return piece;
    }

    private void AddToGap(ScenarioLine line)
    {
        _gapProblem ??= line.Problem ?? TooLong(line, _text.Length + _gap.Length);
        if (_gapProblem is null)
        {
            _gap.Append(line.Text).Append('\n');
        }
    }

    private void EndGap()
    {
        if (_gapProblem is InputException problem)
        {
            throw problem;
        }

        _gap.Clear();
    }

    private static InputException? TooLong(ScenarioLine line, int length) => length + line.Text.Length < MaxLength
        ? null
        : line.Place.Malformed(string.Create(CultureInfo.InvariantCulture, $"more than {MaxLength} characters without a new step"));

    private static void CheckStart(ScenarioLine line, int indent)
    {
        if ((line.Problem ?? Misplaced(line, hasStarted: true)) is InputException problem)
        {
            throw problem;
        }

        if (!line.StartsItem || line.Indent != indent)
        {
            string column = string.Create(CultureInfo.InvariantCulture, $"column {indent + 1}");
            throw line.Content.Malformed(line.StartsItem
                ? $"the step is indented less than those above; they start in {column}"
                : $"this is part of no step; a step starts with '- ' in {column}");
        }
    }

    private static InputException? Misplaced(ScenarioLine line, bool hasStarted) =>
        !line.IsSignificant ? null
        : line.StartsWithTab ? line.Content.Malformed("a tab is no indentation in YAML; write spaces")
        : line.StartsDocument && hasStarted ? line.Content.Malformed("a second document starts here; a scenario is one list")
        : null;

    private static void ExpectNothing(IEnumerator<ScenarioLine> rest)
    {
        while (rest.MoveNext())
        {
            ScenarioLine line = rest.Current;
            if (line.IsSignificant || line.Problem is not null)
            {
                throw line.Problem ?? line.Content.Malformed("the scenario has ended above");
            }
        }
    }
}
