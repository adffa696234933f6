namespace TdpHw.Formats;

/// <summary>What values a capability takes.</summary>
public enum CapabilityKind : byte
{
    /// <summary>Present or absent: 1 or 0.</summary>
    Flag,

    /// <summary>A number within bounds, such as an address width in bits.</summary>
    Width,

    /// <summary>A number within bounds, or null when the hardware does without.</summary>
    OptionalWidth,
}
