using TdpHw.Core.Sharing;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Sharing;

/// <summary>
/// What an entry is to either side, from masks written by hand after the manuals (Intel SDM vol. 3C, 29.3; Intel VT-d
/// Architecture Specification, 9.8), for units without execute requests, memory types and mode-based execute control.
/// </summary>
internal static class ManualJudge
{
    private const ulong Readable = 1;
    private const ulong Writable = 2;
    private const ulong Executable = 4;

    private const ulong BeyondWidth = 0x000f_ffff_ffff_ffff & ~((1ul << SharedTable.AddressWidth) - 1);

    private enum Seen
    {
        Nothing,
        Refused,
        Leaf,
        Table,
    }

    /// <summary>What has to be found at an entry; empty for one that may be shared.</summary>
    public static ShareFinding[] Judge(int level, ulong entry, bool hasSnoopControl)
    {
        Seen ept = ToEpt(level, entry);
        Seen unit = ToUnit(level, entry, hasSnoopControl, out ulong reserved);
        bool isMapped = ept is Seen.Leaf or Seen.Table;
        EntryLayout kind = (isMapped ? ept : unit) == Seen.Leaf ? EntryLayout.Leaf : EntryLayout.Table;
        return (isMapped, unit) switch
        {
            (true, Seen.Nothing) => [new ShareFinding(ShareCode.NotPresent, null, level, kind)],
            (true, Seen.Refused) =>
            [
                .. Enumerable.Range(0, 64).Where(b => (reserved >> b & 1) != 0)
                    .Select(b => new ShareFinding(ShareCode.ReservedBit, b, level, kind)),
            ],
            (false, Seen.Leaf or Seen.Table) => [new ShareFinding(ShareCode.UnwantedMapping, null, level, kind)],
            _ => [],
        };
    }

    private static Seen ToEpt(int level, ulong entry)
    {
        if ((entry & (Readable | Writable | Executable)) == 0)
        {
            return Seen.Nothing;
        }

        bool isLeaf = IsLeaf(level, entry);
        ulong reserved = BeyondWidth | (isLeaf ? BelowPage(level) : 0x78 | TopPageSize(level));
        ulong memoryType = entry >> 3 & 7;
        bool isMalformed = (entry & reserved) != 0
            || (entry & (Readable | Writable)) == Writable
            || (isLeaf && memoryType is 2 or 3 or 7);
        return isMalformed ? Seen.Refused : isLeaf ? Seen.Leaf : Seen.Table;
    }

    private static Seen ToUnit(int level, ulong entry, bool hasSnoopControl, out ulong reserved)
    {
        bool isLeaf = IsLeaf(level, entry);
        ulong snoop = isLeaf && hasSnoopControl ? 0 : 1ul << 11;
        reserved = entry & (BeyondWidth | 1ul << 62 | snoop | (isLeaf ? BelowPage(level) : TopPageSize(level)));
        return (entry & (Readable | Writable)) == 0 ? Seen.Nothing
            : reserved != 0 ? Seen.Refused
            : isLeaf ? Seen.Leaf
            : Seen.Table;
    }

    private static bool IsLeaf(int level, ulong entry) => level == 1 || (level <= 3 && (entry & 0x80) != 0);

    private static ulong BelowPage(int level) => level switch
    {
        2 => 0x1f_f000,
        3 => 0x3fff_f000,
        _ => 0,
    };

    private static ulong TopPageSize(int level) => level > 3 ? 0x80ul : 0;
}
