namespace TdpHw.Generators.Syntax;

/// <summary>Where a scalar stands in its file: offsets for the compiler, zero-based lines and columns for people.</summary>
internal readonly record struct SourceSpan(int Start, int Length, int Line, int Column, int EndLine, int EndColumn)
{
    /// <summary>
    /// The base that says it, when it is not this file itself: the place is then where the file names what it extends.
    /// </summary>
    public Inheritance? Inherited { get; init; }

    /// <summary>How many layers lie on top of the one that says it.</summary>
    public int Depth => Inherited?.Depth ?? 0;
}
