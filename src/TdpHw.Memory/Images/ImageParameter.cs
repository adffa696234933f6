namespace TdpHw.Memory;

/// <summary>One thing that an image says about the machine it comes from: a width, a flag, a whole register.</summary>
/// <param name="Name">Its name, unique in the image.</param>
/// <param name="Kind">What kind of value it has.</param>
/// <param name="Number">The number; 1 or 0 for a flag; 0 for other kinds.</param>
/// <param name="Text">The value as the file writes it, a string without its quotes.</param>
public readonly record struct ImageParameter(string Name, ImageParameterKind Kind, ulong Number, string Text);
