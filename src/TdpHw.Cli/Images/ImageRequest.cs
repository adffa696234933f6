using TdpHw.Core.Iommu;
using TdpHw.Formats;
using TdpHw.Memory;

namespace TdpHw.Cli.Images;

/// <summary>Which image to open and how to look at it, as the command line says it.</summary>
internal sealed record ImageRequest
{
    /// <summary>The capture folder or raw file.</summary>
    public required string Path { get; init; }

    /// <summary>The format, when one is named.</summary>
    public string? FormatId { get; init; }

    /// <summary>The root, by address or by a name that the image gives it.</summary>
    public string? Root { get; init; }

    /// <summary>The device whose tables are meant, when one is named.</summary>
    public DeviceAddress? Device { get; init; }

    /// <summary>What RTADDR of a VT-d unit reads, when that is said.</summary>
    public ulong? Rtaddr { get; init; }

    /// <summary>What the device table base address register of an AMD-Vi unit reads, when that is said.</summary>
    public ulong? Devtab { get; init; }

    /// <summary>Whether tables are found as an IOMMU finds them.</summary>
    public bool IsByDevice => Device is not null || Rtaddr is not null || Devtab is not null;

    /// <summary>How many levels a walk has, when that is said.</summary>
    public int? Levels { get; init; }

    /// <summary>Settings of capabilities, in the order given.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>The overlay, when one is named.</summary>
    public string? Overlay { get; init; }

    /// <summary>Told what the answer leaves out, a line each; null where the answer would not show it.</summary>
    public Action<string>? Note { get; init; }

    /// <summary>The address of a raw file's first byte, when that is said.</summary>
    public HostPhysicalAddress? Base { get; init; }

    /// <summary>Which bytes of a raw file are which memory.</summary>
    public IReadOnlyList<MemorySegment> Segments { get; init; } = [];

    /// <summary>Whether the command line itself says something that a root is judged by.</summary>
    public bool JudgesRoots => FormatId is not null || Root is not null || Levels is not null || Settings.Count != 0;
}
