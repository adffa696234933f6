namespace TdpHw.Cli.Translating;

/// <summary>An address to translate, or a line that is none.</summary>
/// <param name="Address">The address.</param>
/// <param name="Problem">What is wrong with the line; null when nothing is.</param>
internal readonly record struct AddressQuestion(ulong Address, string? Problem);
