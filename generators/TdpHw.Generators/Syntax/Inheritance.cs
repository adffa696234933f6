namespace TdpHw.Generators.Syntax;

/// <summary>Where something stands that came with a base.</summary>
/// <param name="File">The base's file, without its folder.</param>
/// <param name="Line">The line there, counted from 1.</param>
/// <param name="Depth">1 for the base itself, 2 for the base of the base.</param>
internal sealed record Inheritance(string File, int Line, int Depth);
