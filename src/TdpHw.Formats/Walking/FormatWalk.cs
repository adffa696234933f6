namespace TdpHw.Formats;

/// <summary>
/// The walk of any format, level by level in a loop. A format's own <see cref="IPageTableFormat{TSelf}.Walk{TMemory}"/>
/// gives the same answers faster for single addresses; this one can start below the root.
/// </summary>
public static class FormatWalk
{
    /// <summary>Translates one address.</summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walk starts.</param>
    /// <param name="address">The address to translate.</param>
    /// <param name="access">What the access needs.</param>
    public static WalkResult Walk<TFormat, TMemory>(
        in TMemory memory, Root<TFormat> root, InputAddress address, Access access = Access.None)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        if (!root.Covers(address))
        {
            return WalkResult.TooWide;
        }

        var path = new WalkPath<TFormat>(root);
        return path.Walk(in memory, root, address, access);
    }
}
