using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Xml;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>
/// Draws a format's entries as manuals do: a strip of two rows of 32 bits for each layout that levels share. A browser shows a
/// bit's meaning, condition and source when it is pointed at.
/// </summary>
internal static class FormatSvg
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const int BitsOfRow = 32;
    private const int BitWidth = 28;
    private const int BoxHeight = 30;
    private const int RowHeight = BoxHeight + 22;
    private const int Margin = 12;
    private const int TitleHeight = 30;
    private const int LetterWidth = 7;
    private const int Width = (2 * Margin) + (BitsOfRow * BitWidth);

    // Colours that stand apart in print and on dark pages too.
    private const string Style = """

        text { font: 11px ui-monospace, Consolas, monospace; fill: #1f2328; text-anchor: middle }
        text.title { font: 600 13px system-ui, sans-serif; text-anchor: start }
        text.bit { font-size: 9px; fill: #59636e }
        rect.page { fill: #ffffff }
        rect.cell { stroke: #1f2328; stroke-width: 1 }
        rect.field { fill: #ddf4ff }
        rect.reserved { fill: #d1d9e0 }
        rect.res0 { fill: #eaeef2 }
        rect.ignored { fill: #ffffff }

        """;

    /// <summary>Writes the pictures as one document.</summary>
    public static void Write(Utf8Output output, FormatDescription format)
    {
        var text = new StringBuilder();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings
        {
            Indent = true,
            IndentChars = " ",
            NewLineChars = "\n",
            OmitXmlDeclaration = true,
        }))
        {
            Write(xml, format);
        }

        output.WriteLine(text.ToString());
    }

    private static void Write(XmlWriter xml, FormatDescription format)
    {
        ImmutableArray<LayoutPicture> pictures = LayoutPicture.Drawn(format);
        int pictureHeight = TitleHeight + (64 / BitsOfRow * RowHeight);
        int height = (pictures.Length * pictureHeight) + Margin;
        xml.WriteStartElement("svg", Namespace);
        xml.WriteAttributeString("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {height}"));
        Attribute(xml, "width", Width);
        Attribute(xml, "height", height);
        xml.WriteAttributeString("role", "img");
        xml.WriteElementString("title", Namespace, $"{format.Id}: {format.Summary}");
        xml.WriteElementString("style", Namespace, Style);
        Rectangle(xml, "page", 0, 0, Width, height);
        for (int i = 0; i < pictures.Length; i++)
        {
            Write(xml, format, pictures[i], i * pictureHeight);
        }

        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, FormatDescription format, LayoutPicture picture, int top)
    {
        string names = string.Join(", ", picture.Levels.Reverse().Select(l => format.Levels[l - 1].EntryName));
        xml.WriteStartElement("g", Namespace);
        Text(xml, "title", Margin, top + 20, $"{picture.Title}: {names}");
        int right = Width - Margin;
        foreach (LayoutRow row in picture.Rows.Where(r => r.Position is not null))
        {
            // No box is its own: which bit it is depends on the machine.
            string place = $"at {row.Place}";
            right -= (place.Length + row.Symbol.Length + 2) * LetterWidth;
            xml.WriteStartElement("g", Namespace);
            xml.WriteElementString("title", Namespace, Explanation(row));
            Text(xml, "label", right, top + 20, row.Symbol);
            Text(xml, "bit", right + ((place.Length + row.Symbol.Length) * LetterWidth / 2), top + 20, place);
            xml.WriteEndElement();
        }

        int y = top + TitleHeight;
        foreach (ImmutableArray<LayoutCell> row in LayoutCell.Cut(picture, BitsOfRow))
        {
            foreach (LayoutCell cell in row)
            {
                Write(xml, cell, y);
            }

            y += RowHeight;
        }

        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, LayoutCell cell, int y)
    {
        int place = BitsOfRow - 1 - (cell.Bits.High % BitsOfRow);
        int x = Margin + (place * BitWidth);
        int width = cell.Bits.Width * BitWidth;
        xml.WriteStartElement("g", Namespace);
        if (Explanation(cell) is { Length: > 0 } explanation)
        {
            xml.WriteElementString("title", Namespace, explanation);
        }

        Text(xml, "bit", x + (BitWidth / 2), y + 9, cell.Bits.High.ToString(CultureInfo.InvariantCulture));
        if (cell.Bits.Width > 1)
        {
            Text(xml, "bit", x + width - (BitWidth / 2), y + 9, cell.Bits.Low.ToString(CultureInfo.InvariantCulture));
        }

        Rectangle(xml, $"cell {ClassOf(cell.Kind)}", x, y + 13, width, BoxHeight);
        string label = cell.Label.Length * LetterWidth <= width ? cell.Label : cell.ShortLabel;
        Text(xml, "label", x + (width / 2), y + 13 + (BoxHeight / 2) + 4, label);
        xml.WriteEndElement();
    }

    private static string ClassOf(CellKind kind) => kind switch
    {
        CellKind.Field => "field",
        CellKind.Reserved => "reserved",
        CellKind.Res0 => "res0",
        _ => "ignored",
    };

    private static string Explanation(LayoutCell cell) => string.Join('\n', cell.Rows.Select(Explanation));

    private static string Explanation(LayoutRow row) => string.Join(
        "; ", new[] { $"{row.Place} {row.Name}", row.Condition, row.Summary, row.Source }.Where(s => s.Length != 0));

    private static void Text(XmlWriter xml, string kind, int x, int y, string text)
    {
        xml.WriteStartElement("text", Namespace);
        xml.WriteAttributeString("class", kind);
        Attribute(xml, "x", x);
        Attribute(xml, "y", y);
        xml.WriteString(text);
        xml.WriteEndElement();
    }

    private static void Rectangle(XmlWriter xml, string kind, int x, int y, int width, int height)
    {
        xml.WriteStartElement("rect", Namespace);
        xml.WriteAttributeString("class", kind);
        Attribute(xml, "x", x);
        Attribute(xml, "y", y);
        Attribute(xml, "width", width);
        Attribute(xml, "height", height);
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, int value) =>
        xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
}
