using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Fills a small memory with tables that point at one another.</summary>
internal sealed class TreeMaker(Random random)
{
    /// <summary>An address that no page lies at, and that is low enough for every machine.</summary>
    public const ulong Nowhere = 0x7000_0000;

    /// <summary>Where tables lie, unless they are larger than this.</summary>
    public const ulong Start = 0x10_0000;

    private readonly EntryMaker _maker = new(random);

    /// <summary>
    /// Tables full of entries, most of them well formed. A page is made for one level, page 0 for level 1 and so on round,
    /// but entries may point at any page, as in the image of a hostile guest.
    /// </summary>
    public TestTables Dense(Machine machine, int pages)
    {
        var tables = machine.Tables(pages);
        for (int page = 0; page < pages; page++)
        {
            int levels = machine.Generated.MaxLevel;
            LevelRules rules = machine.Generated[1 + (page % levels)];
            foreach (ref ulong entry in tables.Page(page))
            {
                int below = page % levels == 0 || random.Next(32) == 0
                    ? random.Next(pages)
                    : (page % levels) - 1 + (levels * random.Next(pages / levels));
                ulong target = random.Next(32) == 0 ? Nowhere : tables.AddressOf(below);
                ulong address = target >> machine.Generated.AddressShift;
                entry = random.Next(4) == 0
                    ? _maker.Make(rules, address)
                    : _maker.WellFormed(rules, random.Next(8) == 0 ? EntryKind.Leaf : EntryKind.Table, address);
            }
        }

        return tables;
    }

    /// <summary>A few entries in each table: small enough to go through every path.</summary>
    /// <param name="machine">Whose tables.</param>
    /// <param name="pages">How many pages there are; the first is the root.</param>
    /// <param name="perTable">How many entries of a table hold something.</param>
    /// <param name="emptyValues">Values that are strewn in as well.</param>
    /// <param name="isForest">
    /// Tables point at later pages, at the root and at themselves only, so that what is below a table does not depend on the
    /// way to it.
    /// </param>
    public TestTables Sparse(Machine machine, int pages, int perTable, ulong[] emptyValues, bool isForest)
    {
        var tables = machine.Tables(pages);
        for (int page = 0; page < pages; page++)
        {
            int level = Math.Max(1, machine.Deepest.Levels - (page * machine.Deepest.Levels / pages));
            for (int i = 0; i < perTable; i++)
            {
                ulong target = random.Next(8) switch
                {
                    0 => Nowhere,
                    1 => tables.AddressOf(page),
                    2 => tables.AddressOf(0),
                    _ when isForest && page + 1 == pages => Nowhere,
                    _ when isForest => tables.AddressOf(random.Next(page + 1, pages)),
                    _ => tables.AddressOf(random.Next(pages)),
                };
                ulong entry = _maker.Make(machine.Generated[level], target >> machine.Generated.AddressShift);
                if (isForest && PointsBack(machine, tables, page, entry))
                {
                    entry = 0;
                }

                int index = random.Next(machine.TableEntries);
                LevelRules rules = machine.Generated[level];
                if (random.Next(2) == 0 && rules.KindOf(entry) == EntryKind.Leaf && rules.PageShiftOf(entry) > rules.Shift)
                {
                    // A page of several slots stands in all of them.
                    int slots = 1 << (rules.PageShiftOf(entry) - rules.Shift);
                    tables.Page(page).Slice(index / slots * slots, slots).Fill(entry);
                    continue;
                }

                tables[page, index] = random.Next(4) == 0 ? emptyValues[random.Next(emptyValues.Length)] : entry;
            }
        }

        if (random.Next(2) == 0 && pages > 2)
        {
            tables.Drop(random.Next(1, pages));
        }

        return tables;
    }

    /// <summary>Whether an entry with some bits turned over would point, at any level, where a forest has no way.</summary>
    private static bool PointsBack(Machine machine, TestTables tables, int page, ulong entry) => machine.Levels.Any(level =>
    {
        ulong output = (entry & machine.Generated[level].TableAddress) << machine.Generated.AddressShift;
        return output > tables.AddressOf(0) && output < tables.AddressOf(page);
    });
}
