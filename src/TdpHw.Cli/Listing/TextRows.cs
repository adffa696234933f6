using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Rows for people: aligned, under the root that they belong to.</summary>
/// <param name="output">Where they go.</param>
internal sealed class TextRows(Utf8Output output) : RowWriter
{
    // Wide enough for addresses of 52 bits, so that most listings stay aligned.
    private const int AddressWidth = 15;

    public override void BeginEntries()
    {
    }

    public override void BeginRanges()
    {
    }

    public override void BeginRoot(string root)
    {
        output.Write("root "u8);
        output.WriteLine(Terminal.OneLine(root));
    }

    public override void Write(in EntryRow row)
    {
        output.Write("  "u8);
        Hex(row.Entry.Address.Value);
        if (row.Translates)
        {
            output.Write(" -> "u8);
            Hex(row.Entry.Output.Value);
            Column(HumanSize.Of(row.Entry.Size), -6);
            Column(row.Entry.Rights.ToListing(), 3);
            Column(row.MemoryType ?? "-", 2);
        }
        else
        {
            Column(HumanSize.Of(row.Entry.Size), -6);
            Column(row.Kind, 13);
            Column(row.Software ?? "-", 14);
        }

        output.Write("  level "u8);
        output.WriteDecimal(row.Entry.Level);
        output.Write("  "u8);
        output.WriteHex(row.Entry.Entry);
        output.Write("\n"u8);
    }

    public override void Write(in RangeRow row)
    {
        output.Write("  "u8);
        Hex(row.Range.Address.Value);
        output.Write(" -> "u8);
        Hex(row.Range.Output.Value);
        Column(HumanSize.Of(row.Range.Size), -9);
        Column(row.Range.Rights.ToListing(), 3);
        Column(row.MemoryType ?? "-", 2);
        output.Write("  "u8);
        output.WriteDecimal(row.Range.Leaves);
        output.Write(row.Range.Leaves == 1 ? " leaf\n"u8 : " leaves\n"u8);
    }

    private void Hex(ulong value)
    {
        Span<byte> space = stackalloc byte[Utf8Output.HexCapacity];
        int length = Utf8Output.FormatHex(value, space);
        output.Write(space[..length]);
        Pad(AddressWidth - length);
    }

    private void Column(string text, int width)
    {
        output.Write("  "u8);
        Pad(-width - text.Length);
        output.Write(text);
        Pad(width - text.Length);
    }

    private void Pad(int count)
    {
        for (; count > 0; count--)
        {
            output.Write(" "u8);
        }
    }
}
