namespace TdpHw.Generators.Model;

/// <summary>A member of a struct.</summary>
/// <param name="Type">The C# type of one element.</param>
/// <param name="Size">The size of one element in bytes.</param>
internal sealed record StructMemberSpec(
    string Name, string Type, int Size, int Offset, EquatableArray<int> Dimensions, string? Enum, string Doc, string Cite)
{
    /// <summary>Whether it is an array, which may be one of one element.</summary>
    public bool IsArray => Dimensions.Count != 0;

    public int Count => Dimensions.Aggregate(1, (product, d) => product * d);
}
