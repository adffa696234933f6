namespace TdpHw.Generators.Model;

/// <summary>Which bits of a mask's term are in it, where a capability tells how wide an address is.</summary>
internal enum LimitSide
{
    /// <summary>All, wherever the limit lies.</summary>
    Both,

    /// <summary>Those below the limit.</summary>
    Within,

    /// <summary>Those at and above it.</summary>
    Beyond,
}
