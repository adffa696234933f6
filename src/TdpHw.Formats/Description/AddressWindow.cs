namespace TdpHw.Formats;

/// <summary>A range of addresses that the hardware treats apart from its tables.</summary>
public sealed record AddressWindow
{
    /// <summary>What the window is called.</summary>
    public required string Name { get; init; }

    /// <summary>The first address.</summary>
    public required ulong First { get; init; }

    /// <summary>The last address.</summary>
    public required ulong Last { get; init; }

    /// <summary>Whether accesses to the window never reach the tables.</summary>
    public required bool IsInputBypassed { get; init; }

    /// <summary>Whether a translation that leads into the window is refused.</summary>
    public required bool IsOutputBlocked { get; init; }

    /// <summary>What the window is for.</summary>
    public required string Summary { get; init; }

    /// <summary>Where that stands.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether <paramref name="address"/> lies in the window.</summary>
    public bool Contains(ulong address) => address >= First && address <= Last;

    /// <summary>Whether all of a range lies in the window.</summary>
    /// <param name="address">The first address of the range.</param>
    /// <param name="size">How many bytes the range has, at least 1.</param>
    public bool ContainsAll(ulong address, ulong size) => Contains(address) && size - 1 <= Last - address;
}
