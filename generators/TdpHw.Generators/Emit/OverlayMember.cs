namespace TdpHw.Generators.Emit;

/// <summary>A static member of an overlay's interface and of each variant.</summary>
/// <param name="Signature">Return type, name and parameters.</param>
/// <param name="IsProperty">Whether it has no parameter list.</param>
/// <param name="Summary">Its documentation.</param>
/// <param name="Cite">Where it stands.</param>
/// <param name="Body">One expression, or the lines of a block.</param>
internal sealed record OverlayMember(string Signature, bool IsProperty, string Summary, string Cite, IReadOnlyList<string> Body);
