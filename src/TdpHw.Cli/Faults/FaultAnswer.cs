using TdpHw.Cli.Devices;

namespace TdpHw.Cli.Faults;

/// <summary>What is to be said of a line.</summary>
/// <param name="Line">The line.</param>
/// <param name="Now">What the unit would do with the same request by an image's tables; null without an image.</param>
/// <param name="NowProblem">Why the image can't tell; null when it can, or without an image.</param>
internal readonly record struct FaultAnswer(FaultLine Line, DeviceAnswer? Now, string? NowProblem);
