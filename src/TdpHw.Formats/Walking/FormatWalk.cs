using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// The walk of any format, level by level in a loop. A format's own <see cref="IPageTableFormat{TSelf}.Walk{TMemory}"/>
/// gives the same answers faster for single addresses; this one can go on below the root.
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

    /// <summary>
    /// Goes on with a walk at an entry that was read: for walks that judge only the usual entries themselves and leave the others to
    /// this one.
    /// </summary>
    /// <typeparam name="TFormat">The format of the tables.</typeparam>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walk started.</param>
    /// <param name="address">The address to translate, one that the root covers.</param>
    /// <param name="access">What the access needs.</param>
    /// <param name="level">The entry's level.</param>
    /// <param name="rights">The rights along the path above the entry.</param>
    /// <param name="entry">The entry, as it was read.</param>
    /// <param name="entryAddress">Where it lies.</param>
    // Inlined, it would make every walk that can come here clear the room for a path first.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static WalkResult Continue<TFormat, TMemory>(
        in TMemory memory,
        Root<TFormat> root,
        InputAddress address,
        Access access,
        int level,
        Rights rights,
        ulong entry,
        HostPhysicalAddress entryAddress)
        where TFormat : struct, IPageTableFormat<TFormat>
        where TMemory : struct, IPhysicalMemory
    {
        ArgumentNullException.ThrowIfNull(root);
        var path = new WalkPath<TFormat>(root);
        return path.Continue(in memory, root, address, access, level, rights, entry, entryAddress);
    }
}
