namespace TdpHw.Formats;

/// <summary>
/// A page-table format. Generated code implements it, one struct for each definition; all code that loops over addresses,
/// entries or tables is written once, over this.
/// </summary>
/// <typeparam name="TSelf">The implementing struct.</typeparam>
public interface IPageTableFormat<TSelf>
    where TSelf : struct, IPageTableFormat<TSelf>
{
    /// <summary>What the definition says, for people and tools.</summary>
    static abstract FormatDescription Description { get; }

    /// <summary>In which order a walk judges an entry.</summary>
    static abstract CheckOrder CheckOrder { get; }

    /// <summary>How many address bits an index below the root has; a table below the root has 2 to this power entries.</summary>
    static abstract int IndexBits { get; }

    /// <summary>An address is its bits in the entry shifted left by this; 0 where they stand at their own place.</summary>
    static virtual int AddressShift => 0;

    /// <summary>
    /// Whether the bits of an input address above those that a walk translates must be copies of the highest of these, instead
    /// of zero.
    /// </summary>
    static virtual bool IsInputSignExtended => false;

    /// <summary>Resolves the format's rules for a machine.</summary>
    /// <param name="capabilities">What the machine's hardware can do.</param>
    /// <exception cref="ArgumentException">The values belong to another format.</exception>
    static abstract FormatRules<TSelf> RulesFor(CapabilityValues capabilities);

    /// <summary>Translates one address.</summary>
    /// <typeparam name="TMemory">Where the tables are.</typeparam>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="root">Where the walk starts.</param>
    /// <param name="address">The address to translate; one that the root does not cover is answered, not truncated.</param>
    /// <param name="access">What the access needs.</param>
    static abstract WalkResult Walk<TMemory>(
        in TMemory memory, Root<TSelf> root, InputAddress address, Access access = Access.None)
        where TMemory : struct, IPhysicalMemory;
}
