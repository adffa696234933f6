namespace TdpHw.Generators.Model;

/// <summary>An entry that matches is a leaf, or a refused one where the hardware lacks the page size.</summary>
/// <param name="When">Whether the row exists at all.</param>
/// <param name="Supported">Whether a match is a leaf.</param>
/// <param name="Size">How it says how large it is.</param>
internal sealed record LeafSpec(TestSpec Test, ConditionSpec When, ConditionSpec Supported, PageSizeCode Size);
