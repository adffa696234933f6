namespace TdpHw.Generators.Model;

/// <summary>A member of a struct.</summary>
/// <param name="Type">The C# type of one element.</param>
/// <param name="Size">The size of one element in bytes.</param>
internal sealed record StructMemberSpec(
    string Name, string Type, int Size, int Offset, EquatableArray<int> Dimensions, string? Enum, string Doc, string Cite)
{
    public int Count => Dimensions.Aggregate(1, (product, d) => product * d);
}
