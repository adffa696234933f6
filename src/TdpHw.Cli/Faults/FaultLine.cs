using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Faults;

/// <summary>A line that may tell of a fault.</summary>
/// <param name="Fault">What it tells; null when it is no such line.</param>
/// <param name="Text">The line.</param>
internal readonly record struct FaultLine(DmarFaultLine? Fault, string Text)
{
    private const int Quoted = 60;

    /// <summary>What is wrong with a line that tells of no fault.</summary>
    public string Problem
    {
        get
        {
            string text = Text.Trim();
            return $"no line of a DMA fault: '{(text.Length > Quoted ? text[..Quoted] + "…" : text)}'";
        }
    }
}
