using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>The address field's word: what no other rule claims in its span is address.</summary>
/// <param name="At">Where its bits are written.</param>
/// <param name="Span">The bits it may take.</param>
/// <param name="Shift">An address is its bits shifted left by this.</param>
/// <param name="HasLimit">Whether a capability tells how wide an address is.</param>
/// <param name="Above">What the bits at and above that width are; null when nothing is said.</param>
/// <param name="Below">What the bits below a leaf's size are; null when nothing is said.</param>
internal sealed record AddressClaim(Node At, ulong Span, int Shift, bool HasLimit, BitStatus? Above, BitStatus? Below);
