namespace TdpHw.Generators.Model;

/// <summary>
/// Some bits below a capability's width are set whatever the value is, and the value's own bits there move up by as many.
/// </summary>
internal sealed record DisplacementSpec(int Bits, string Below, string Capability, int Minimum, int Maximum);
