namespace TdpHw.Formats;

/// <summary>A row of a level's leaf selection; the first row that an entry matches decides.</summary>
/// <param name="Test">What an entry must match.</param>
/// <param name="Supported">
/// <see langword="true"/> for a leaf; <see langword="false"/> when the hardware lacks this page size, so that the entry is
/// refused (<see cref="EntryLayout.RefusedLeaf"/>).
/// </param>
/// <param name="Size">How large such a leaf is.</param>
public readonly record struct LeafRule(EntryTest Test, bool Supported, PageSizeCode Size = PageSizeCode.Level);
