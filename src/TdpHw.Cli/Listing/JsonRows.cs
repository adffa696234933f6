using System.Text.Json;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Listing;

/// <summary>Rows as JSON objects, one a line, as an array or not.</summary>
/// <param name="output">Where they go.</param>
/// <param name="isArray">Whether all of them make one array.</param>
internal sealed class JsonRows(Utf8Output output, bool isArray) : RowWriter
{
    private readonly Utf8JsonWriter _json = JsonText.CreateWriter(output);
    private bool _isFirst = true;

    public override void BeginEntries() => Begin();

    public override void BeginRanges() => Begin();

    public override void Write(in EntryRow row)
    {
        BeginRow();
        _json.WriteHex("root", row.Root);
        _json.WriteHex("address", row.Entry.Address.Value);
        _json.WriteHex("hpa", row.Translates ? row.Entry.Output.Value : null);
        _json.WriteHex("size", row.Entry.Size);
        _json.WriteNumber("level", row.Entry.Level);
        _json.WriteHex("entry", row.Entry.Entry);
        _json.WriteString("perms", row.Entry.Rights.ToListing());
        _json.WriteString("memtype", row.MemoryType);
        _json.WriteString("kind", row.Kind);
        _json.WriteString("software", row.Software);
        EndRow();
    }

    public override void Write(in RangeRow row)
    {
        BeginRow();
        _json.WriteHex("root", row.Root);
        _json.WriteHex("address", row.Range.Address.Value);
        _json.WriteHex("hpa", row.Range.Output.Value);
        _json.WriteHex("size", row.Range.Size);
        _json.WriteString("perms", row.Range.Rights.ToListing());
        _json.WriteString("memtype", row.MemoryType);
        _json.WriteNumber("leaves", row.Range.Leaves);
        EndRow();
    }

    public override void End()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "]\n"u8 : "\n]\n"u8);
        }
    }

    private void Begin()
    {
        if (isArray)
        {
            output.Write("["u8);
        }
    }

    private void BeginRow()
    {
        if (isArray)
        {
            output.Write(_isFirst ? "\n"u8 : ",\n"u8);
        }

        _isFirst = false;
        _json.WriteStartObject();
    }

    private void EndRow()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        if (!isArray)
        {
            output.Write("\n"u8);
        }
    }
}
