using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>A page's translation as a TLB keeps it.</summary>
/// <param name="Input">The first address of the page.</param>
/// <param name="Output">Where the page lies.</param>
/// <param name="Shift">The page has 2 to this power bytes.</param>
/// <param name="Rights">What the path granted.</param>
/// <param name="IsDirty">Whether a write may use it as it is: the dirty flag is set, or the tables have none.</param>
internal readonly record struct CachedTranslation(
    InputAddress Input, HostPhysicalAddress Output, int Shift, Rights Rights, bool IsDirty)
{
    /// <summary>The translation that a walk found.</summary>
    public static CachedTranslation Of(InputAddress address, in WalkResult walk, bool isDirty)
    {
        ulong offset = address.Value & (walk.PageSize - 1);
        return new CachedTranslation(
            new(address.Value - offset), new(walk.Output.Value - offset), walk.PageShift, walk.Rights, isDirty);
    }

    /// <summary>Whether an access may use it.</summary>
    public bool Allows(Access access) =>
        (Rights & access.Needed()) == access.Needed() && (IsDirty || access != Access.Write);

    /// <summary>Where an address within the page lies.</summary>
    public HostPhysicalAddress Translate(InputAddress address) => new(Output.Value + (address.Value - Input.Value));

    /// <summary>
    /// Whether the tables still say so: <paramref name="walk"/>, of an address of the page, leads to the same place with at least
    /// the rights that the access needs.
    /// </summary>
    public bool Agrees(InputAddress address, in WalkResult walk) => walk.IsMapped && walk.Output == Translate(address);
}
