using System.Globalization;
using TdpHw.Formats;

namespace TdpHw.Memory;

/// <summary>Which bytes of a file are which range of physical memory.</summary>
/// <param name="Start">The range's first address, a multiple of 8.</param>
/// <param name="FileOffset">Where the range's first byte lies in the file, in bytes from its beginning.</param>
/// <param name="Size">The range's size in bytes. Of a size that is no multiple of 8, the last bytes hold no whole entry.</param>
public readonly record struct MemorySegment(HostPhysicalAddress Start, long FileOffset, ulong Size)
{
    /// <summary>The segment as <c>start:offset:size</c> in hexadecimal.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Start}:0x{FileOffset:x}:0x{Size:x}");
}
