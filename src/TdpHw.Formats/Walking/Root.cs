using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// Where a walk starts: the root table, how many levels lie below it, and the rules that judge them. The three travel
/// together, so that no walk can meet a root with another root's levels.
/// </summary>
/// <typeparam name="TFormat">The format of the tables.</typeparam>
public sealed class Root<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    /// <summary>Joins a root table with the rules of its format.</summary>
    /// <param name="rules">The format's rules under the machine's capabilities.</param>
    /// <param name="table">The root table's address.</param>
    /// <param name="levels">How many levels a walk from it has.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="levels"/> is a depth that the capabilities do not allow, or <paramref name="table"/> is not aligned
    /// to its size or wider than the machine's physical addresses.
    /// </exception>
    public Root(FormatRules<TFormat> rules, HostPhysicalAddress table, int levels)
    {
        ArgumentNullException.ThrowIfNull(rules);
        Rules = rules;
        Table = table;
        Levels = levels;
        foreach (WalkShape walk in rules.Walks)
        {
            if (walk.Levels == levels)
            {
                InputBits = walk.InputBits;
            }
        }

        if (InputBits == 0)
        {
            string allowed = string.Join(", ", rules.Walks.Select(w => w.Levels));
            throw new ArgumentOutOfRangeException(
                nameof(levels),
                $"{TFormat.Description.Id} has no walk of {levels} levels under these capabilities; there are: {allowed}{WidthsOf(levels)}.");
        }

        EntryCount = 1 << (InputBits - rules[levels].Shift);
        if (table.Value % ((ulong)EntryCount * sizeof(ulong)) != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(table), $"root {table} is not aligned to its size of {EntryCount * sizeof(ulong)} bytes.");
        }

        if (rules.OutputBits < 64 && table.Value >> rules.OutputBits != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(table), $"root {table} is wider than the {rules.OutputBits} bits of a physical address.");
        }
    }

    /// <summary>The rules that judge the entries.</summary>
    public FormatRules<TFormat> Rules { get; }

    /// <summary>The root table's address.</summary>
    public HostPhysicalAddress Table { get; }

    /// <summary>How many levels a walk has; the root table's entries are at this level.</summary>
    public int Levels { get; }

    /// <summary>
    /// What the way to the root table allows, ANDed into the rights of every translation: all of them, unless a table above
    /// withholds some, as an AMD-Vi device-table entry does with IR and IW clear.
    /// </summary>
    public Rights Rights { get; init; } = Rights.All;

    /// <summary>How wide the addresses are that this root translates.</summary>
    public int InputBits { get; }

    /// <summary>How many entries the root table has.</summary>
    public int EntryCount { get; }

    /// <summary>Whether <paramref name="address"/> is within what this root translates.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Covers(InputAddress address) => InputBits >= 64 || Extended(address.Value & Low) == address.Value;

    /// <summary>Where the entry lies that an address selects in one of the tables below this root.</summary>
    /// <param name="table">The table.</param>
    /// <param name="address">An address that this root covers.</param>
    /// <param name="level">The table's level.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HostPhysicalAddress EntryAddress(HostPhysicalAddress table, InputAddress address, int level) =>
        new(table.Value + (((address.Value >> Rules[level].Shift) & IndexMask(level)) * sizeof(ulong)));

    /// <summary>Which bits of an address, moved down, are an index into a table of a level.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong IndexMask(int level) => level == Levels ? (ulong)EntryCount - 1 : (1ul << TFormat.IndexBits) - 1;

    /// <summary>The address whose translated bits are given, with the bits above them as the format wants them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong Extended(ulong translated) =>
        TFormat.IsInputSignExtended && InputBits < 64 && translated >> (InputBits - 1) != 0 ? translated | ~Low : translated;

    /// <summary>For which widths there is a walk of a depth, where it is a capability that says how wide addresses are.</summary>
    private static string WidthsOf(int levels) =>
        TFormat.Description.Walks.FirstOrDefault(w => w.Shape.Levels == levels) is { InputFrom: string width } walk
            ? $"; {levels} levels translate an {width} of {walk.LeastInputBits} to {walk.Shape.InputBits}"
            : "";

    private ulong Low => ulong.MaxValue >> (64 - InputBits);
}
