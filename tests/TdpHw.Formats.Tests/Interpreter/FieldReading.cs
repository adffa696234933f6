namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>A field that an entry has, and its value.</summary>
internal sealed record FieldReading(string Name, string Symbol, ulong Value);
