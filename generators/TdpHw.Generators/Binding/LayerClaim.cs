using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>The bits that a row of a layer claims, for the layers below it.</summary>
/// <param name="At">Where the bits are written.</param>
internal sealed record LayerClaim(Node At, ulong Bits, uint Levels, EntryLayouts Layouts)
{
    /// <summary>Whether it takes bits from what lies <paramref name="depth"/> layers down.</summary>
    public bool IsAbove(int depth) => At.Span.Depth < depth;

    public bool AppliesTo(int level, EntryLayouts layout) => (Levels >> level & 1) != 0 && (Layouts & layout) != 0;
}
