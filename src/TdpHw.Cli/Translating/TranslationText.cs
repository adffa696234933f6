using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Formats;

namespace TdpHw.Cli.Translating;

/// <summary>Answers for people, a line each.</summary>
/// <param name="output">Where they go.</param>
internal sealed class TranslationText(Utf8Output output) : TranslationWriter
{
    public override void Write(in Translation translation)
    {
        WalkResult result = translation.Result;
        output.WriteHex(translation.Address);
        if (translation.IsUntranslated)
        {
            output.Write(" -> "u8);
            output.WriteHex(result.Output.Value);
            output.Write(" pass-through"u8);
        }
        else if (result.IsMapped)
        {
            output.Write(" -> "u8);
            output.WriteHex(result.Output.Value);
            output.Write($" {HumanSize.Of(result.PageSize)} {result.Rights.ToListing()}");
            output.Write(translation.MemoryType is string type ? $" {type}" : "");
            output.Write(string.Create(
                CultureInfo.InvariantCulture, $" (level {result.Level}, entry 0x{result.Entry:x} at {result.EntryAddress})"));
        }
        else
        {
            output.Write($": {Why(translation)}");
        }

        output.WriteLine(translation.Window is { } window
            ? $"; {window.Name} window: requests here never reach the tables"
            : "");
    }

    public override void WriteError(string problem) => output.WriteLine($"error: {Terminal.OneLine(problem)}");

    private static string Why(in Translation translation)
    {
        WalkResult result = translation.Result;
        string what = result.Outcome switch
        {
            WalkOutcome.NotPresent => "not present",
            WalkOutcome.ReservedBitSet => "reserved bit set",
            WalkOutcome.IllegalEncoding => "illegal combination",
            WalkOutcome.PermissionDenied when !translation.HasEntry => $"permission denied before any table, {result.Rights.ToListing()}",
            WalkOutcome.PermissionDenied => $"permission denied, {result.Rights.ToListing()}",
            WalkOutcome.NotInMemory => "not in memory",
            WalkOutcome.AddressTooWide when translation.IsInputSignExtended => string.Create(
                CultureInfo.InvariantCulture, $"address not canonical, the root translates {translation.InputBits} bits"),
            _ => string.Create(
                CultureInfo.InvariantCulture, $"address too wide, the root translates {translation.InputBits} bits"),
        };
        return translation.HasEntry
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what} at level {result.Level} (entry 0x{result.Entry:x} at {result.EntryAddress})")
            : translation.HasEntryAddress
                ? string.Create(CultureInfo.InvariantCulture, $"{what} at level {result.Level} (entry at {result.EntryAddress})")
                : what;
    }
}
