using TdpHw.Cli.Devices;
using TdpHw.Cli.Images;
using TdpHw.Cli.Input;
using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Faults;

/// <summary>Asks an image's tables about the requests that kernel lines tell of.</summary>
internal static class FaultExplanation
{
    /// <summary>What is to be said of each line without tables.</summary>
    public static IEnumerable<FaultAnswer> Explain(IEnumerable<FaultLine> lines) =>
        lines.Select(l => new FaultAnswer(l, null, null));

    /// <summary>What is to be said of each line, with what the tables of <paramref name="image"/> say.</summary>
    public static IEnumerable<FaultAnswer> Explain(IEnumerable<FaultLine> lines, ImageRequest request, TableImage image) =>
        lines.Select(l => l.Fault is DmarFaultLine fault ? Ask(l, fault, request, image) : new FaultAnswer(l, null, null));

    private static FaultAnswer Ask(FaultLine line, DmarFaultLine fault, ImageRequest request, TableImage image)
    {
        if (fault.Pasid is not null)
        {
            return new FaultAnswer(line, null, "requests with a PASID are not looked up");
        }

        try
        {
            DeviceTables tables = DeviceTables.Find(request, image, fault.Device);
            return new FaultAnswer(line, image.Accept(new Question(tables, fault)), null);
        }
        catch (FindingException e)
        {
            return new FaultAnswer(line, null, e.Message);
        }
    }

    private sealed class Question(DeviceTables tables, DmarFaultLine fault) : IImageVisitor<DeviceAnswer>
    {
        public DeviceAnswer Visit<TMemory>(in TMemory memory)
            where TMemory : struct, IPhysicalMemory =>
            tables.Ask(in memory, fault.Address, fault.IsWrite ? Access.Write : Access.Read);
    }
}
