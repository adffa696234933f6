using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Rows of columns separated by tabs. Scripts rely on the columns.</summary>
/// <param name="output">Where they go.</param>
internal sealed class TsvRows(Utf8Output output) : RowWriter
{
    public override void BeginEntries() =>
        output.Write("root\taddress\thpa\tsize\tlevel\tentry\tperms\tmemtype\tkind\tsoftware\n"u8);

    public override void BeginRanges() => output.Write("root\taddress\thpa\tsize\tperms\tmemtype\tleaves\n"u8);

    public override void Write(in EntryRow row)
    {
        Hex(row.Root);
        Hex(row.Entry.Address.Value);
        if (row.Translates)
        {
            Hex(row.Entry.Output.Value);
        }
        else
        {
            output.Write("-\t"u8);
        }

        Hex(row.Entry.Size);
        output.WriteDecimal(row.Entry.Level);
        output.Write("\t"u8);
        Hex(row.Entry.Entry);
        Text(row.Entry.Rights.ToListing());
        Text(row.MemoryType ?? "-");
        Text(row.Kind);
        output.Write(row.Software ?? "-");
        output.Write("\n"u8);
    }

    public override void Write(in RangeRow row)
    {
        Hex(row.Root);
        Hex(row.Range.Address.Value);
        Hex(row.Range.Output.Value);
        Hex(row.Range.Size);
        Text(row.Range.Rights.ToListing());
        Text(row.MemoryType ?? "-");
        output.WriteDecimal(row.Range.Leaves);
        output.Write("\n"u8);
    }

    private void Hex(ulong value)
    {
        output.WriteHex(value);
        output.Write("\t"u8);
    }

    private void Text(string text)
    {
        output.Write(text);
        output.Write("\t"u8);
    }
}
