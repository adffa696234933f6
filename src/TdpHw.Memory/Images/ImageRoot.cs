using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>A root table that an image names.</summary>
/// <param name="Name">What it belongs to, such as a device; empty when the image does not say. Names may repeat.</param>
/// <param name="Table">The root table's address, not judged: the format knows alignment and width.</param>
/// <param name="Levels">How many levels a walk from it has, 1 to 6.</param>
public readonly record struct ImageRoot(string Name, HostPhysicalAddress Table, int Levels);
