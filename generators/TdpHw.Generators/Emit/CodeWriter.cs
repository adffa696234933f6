using System.Text;

namespace TdpHw.Generators.Emit;

/// <summary>Writes C# text line by line: indentation, blocks, XML documentation. Lines end in <c>\n</c> everywhere.</summary>
internal sealed class CodeWriter
{
    private const int Width = 120;

    private readonly StringBuilder _text = new();
    private int _indent;

    public override string ToString() => _text.ToString();

    /// <summary>A line, or an empty one.</summary>
    public void Line(string text = "")
    {
        if (text.Length > 0)
        {
            _text.Append(' ', _indent * 4).Append(text);
        }

        _text.Append('\n');
    }

    /// <summary>Lines of a larger piece, each indented.</summary>
    public void Lines(params string[] lines)
    {
        foreach (string line in lines)
        {
            Line(line);
        }
    }

    /// <summary>A member with an expression for its body, on one line where it fits.</summary>
    public void Expression(string head, string body)
    {
        if (head.Length + body.Length + 5 + (_indent * 4) <= Width)
        {
            Line($"{head} => {body};");
            return;
        }

        Line(head + " =>");
        Indented(() => Line(body + ";"));
    }

    /// <summary>A call, its arguments on a line of their own where one line is too short.</summary>
    public void Call(string head, string arguments)
    {
        if (head.Length + arguments.Length + 3 + (_indent * 4) <= Width)
        {
            Line($"{head}({arguments});");
            return;
        }

        Line(head + "(");
        Indented(() => Line(arguments + ");"));
    }

    /// <summary>A sum of terms behind a head, a term a line where one line is too short.</summary>
    public void Terms(string head, IReadOnlyList<string> terms, string joint, string end)
    {
        string oneLine = head + string.Join($" {joint} ", terms) + end;
        if (terms.Count == 1 || oneLine.Length + (_indent * 4) <= Width)
        {
            Line(oneLine);
            return;
        }

        Line(head + terms[0]);
        Indented(() =>
        {
            for (int i = 1; i < terms.Count; i++)
            {
                Line($"{joint} {terms[i]}{(i == terms.Count - 1 ? end : "")}");
            }
        });
    }

    /// <summary>A line and an indented block in braces behind it.</summary>
    public void Block(string head, Action body, string close = "}")
    {
        Line(head);
        Line("{");
        Indented(body);
        Line(close);
    }

    /// <summary>An indented piece without braces.</summary>
    public void Indented(Action body)
    {
        _indent++;
        body();
        _indent--;
    }

    /// <summary>A documentation element, on one line where it fits.</summary>
    public void Doc(string element, string text, string attributes = "")
    {
        string escaped = Escape(text);
        string oneLine = $"/// <{element}{attributes}>{escaped}</{element}>";
        if (oneLine.Length + (_indent * 4) <= Width)
        {
            Line(oneLine);
            return;
        }

        Line($"/// <{element}{attributes}>");
        Wrapped("/// ", escaped);
        Line($"/// </{element}>");
    }

    /// <summary>The summary of a member and where it stands.</summary>
    public void Summary(string text, string cite = "")
    {
        Doc("summary", text);
        if (cite.Length > 0)
        {
            Doc("remarks", cite + ".");
        }
    }

    /// <summary>A comment, wrapped.</summary>
    public void Comment(string text) => Wrapped("// ", text);

    private void Wrapped(string prefix, string text)
    {
        int width = Width - (_indent * 4) - prefix.Length;
        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                Line(prefix + line);
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        Line(prefix + line);
    }

    /// <summary>Text as an XML comment holds it.</summary>
    public static string Escape(string text) => text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");
}
