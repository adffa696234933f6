using System.Globalization;
using TdpHw.Cli.Output;
using TdpHw.Core.Iommu;
using TdpHw.Formats;

namespace TdpHw.Cli.Devices;

/// <summary>Answers for people, a line each.</summary>
/// <param name="output">Where they go.</param>
internal sealed class DeviceAnswerText(Utf8Output output) : DeviceAnswerWriter
{
    public override void Write(in DeviceAnswer answer) =>
        output.WriteLine($"{answer.Result.Device.Address} {answer.AccessWord} {HexText.Of(answer.Address)}{Sentence(answer)}");

    public override void WriteError(string problem) => output.WriteLine($"error: {Terminal.OneLine(problem)}");

    /// <summary>What becomes of a request, to follow its address.</summary>
    public static string Sentence(in DeviceAnswer answer)
    {
        DeviceAccess result = answer.Result;
        if (result.IsInterrupt)
        {
            return ": an interrupt message, which no table translates";
        }

        if (!result.IsAllowed)
        {
            return $": fault {DeviceWords.Of(result.Reason)}, {DeviceWords.MeaningOf(result.Reason)}{Place(answer)}";
        }

        return answer.Walk is WalkResult walk
            ? $" -> {result.Output} {HumanSize.Of(walk.PageSize)} {walk.Rights.ToListing()}{Place(answer)}"
            : $" -> {result.Output} pass-through";
    }

    private static string Place(in DeviceAnswer answer)
    {
        if (answer.Walk is not WalkResult walk)
        {
            return "";
        }

        string name = VtdSecondStage.Description.Levels[walk.Level - 1].EntryName;
        return answer.Entry is ulong entry
            ? string.Create(CultureInfo.InvariantCulture, $"; {name} 0x{entry:x} at {walk.EntryAddress} (level {walk.Level})")
            : string.Create(CultureInfo.InvariantCulture, $"; {name} at {walk.EntryAddress} (level {walk.Level}) is not in memory");
    }
}
