namespace TdpHw.Generators.Syntax;

/// <summary>Where a scalar stands in its file: offsets for the compiler, zero-based lines and columns for people.</summary>
internal readonly record struct SourceSpan(int Start, int Length, int Line, int Column, int EndLine, int EndColumn);
