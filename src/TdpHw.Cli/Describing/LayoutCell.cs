using System.Collections.Immutable;
using TdpHw.Formats;

namespace TdpHw.Cli.Describing;

/// <summary>A part of an entry's picture: neighbouring bits that are the same.</summary>
/// <param name="Bits">The bits.</param>
/// <param name="Rows">What they are; more than one where that depends on capabilities. None where nothing is said of them.</param>
internal sealed record LayoutCell(BitRange Bits, ImmutableArray<LayoutRow> Rows)
{
    /// <summary>What to write into it.</summary>
    public string Label => Rows is [var first, ..] ? first.Symbol.Length != 0 ? first.Symbol : first.Name : "ignored";

    /// <summary>What to write into it where there is little room.</summary>
    public string ShortLabel => Kind switch
    {
        CellKind.Field => Label,
        CellKind.Reserved => "rsv",
        CellKind.Res0 => "0",
        _ => "-",
    };

    /// <summary>What the bits are.</summary>
    public CellKind Kind => Rows is [var first, ..]
        ? first.Symbol.Length != 0 ? CellKind.Field
            : first.Name switch { "reserved" or "illegal" => CellKind.Reserved, "res0" => CellKind.Res0, _ => CellKind.Ignored }
        : CellKind.Ignored;

    /// <summary>Cuts a picture into rows of bits, the highest row first, and those into cells, the highest first.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="width">How many bits a row has; a divisor of 64.</param>
    public static IEnumerable<ImmutableArray<LayoutCell>> Cut(LayoutPicture picture, int width)
    {
        for (int high = 63; high >= 0; high -= width)
        {
            yield return [.. CutRow(picture, high, high - width + 1)];
        }
    }

    private static IEnumerable<LayoutCell> CutRow(LayoutPicture picture, int high, int low)
    {
        int start = high;
        ImmutableArray<LayoutRow> rows = RowsAt(picture, high);
        for (int bit = high - 1; bit >= low; bit--)
        {
            ImmutableArray<LayoutRow> here = RowsAt(picture, bit);
            if (!here.SequenceEqual(rows))
            {
                yield return new LayoutCell(new BitRange(start, bit + 1), rows);
                (start, rows) = (bit, here);
            }
        }

        yield return new LayoutCell(new BitRange(start, low), rows);
    }

    private static ImmutableArray<LayoutRow> RowsAt(LayoutPicture picture, int bit) =>
        [.. picture.Rows.Where(r => r.Position is null && bit <= r.Bits.High && bit >= r.Bits.Low)];
}
