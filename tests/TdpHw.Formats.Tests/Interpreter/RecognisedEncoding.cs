namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>What an entry means to software, and the fields it holds then.</summary>
internal sealed record RecognisedEncoding(string Name, IReadOnlyDictionary<string, ulong> Fields);
