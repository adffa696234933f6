using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Conformance;

/// <summary>A format under one setting of capabilities, twice: generated and interpreted.</summary>
/// <param name="Name">The format and the setting, for messages.</param>
/// <param name="Generated">What is tested.</param>
/// <param name="Interpreted">What it is held against.</param>
internal sealed record Machine(string Name, GeneratedRules Generated, InterpretedRules Interpreted)
{
    /// <summary>Every level of the format.</summary>
    public IEnumerable<int> Levels => Enumerable.Range(1, Generated.MaxLevel);

    /// <summary>The deepest walk.</summary>
    public WalkShape Deepest => Generated.Walks.MaxBy(walk => walk.Levels);

    /// <summary>How many entries a table below the root has.</summary>
    public int TableEntries => 1 << Generated.Description.IndexBits;

    /// <summary>How many entries the root of the deepest walk has.</summary>
    public int RootEntries => EntriesOf(Deepest, Deepest.Levels);

    /// <summary>Whether some entry can be malformed.</summary>
    public bool HasMalformed => HasReserved || Levels.Any(level => !Generated[level].Illegal.IsEmpty);

    /// <summary>Whether some bit of some entry is reserved.</summary>
    public bool HasReserved => Levels.Any(level =>
        (Generated[level].LeafReserved | Generated[level].TableReserved | Generated[level].RefusedReserved) != 0);

    /// <summary>Whether some entry can withhold a right.</summary>
    public bool HasRights => Levels.Select(level => Generated[level]).Any(rules =>
        new[] { rules.Read, rules.Write, rules.Execute, rules.UserExecute }.Any(test => test != EntryTest.Always));

    /// <summary>How many entries a walk's table at a level has; the root may have more or fewer than the others.</summary>
    public int EntriesOf(WalkShape walk, int level) =>
        level == walk.Levels ? 1 << (walk.InputBits - Generated[level].Shift) : TableEntries;

    /// <summary>The address of a walk that has the given translated bits.</summary>
    public ulong Canonical(WalkShape walk, ulong address) => Interpreted.Canonical(address, walk.InputBits);

    /// <summary>The bits of an address field that stand for address bits which the machine has.</summary>
    public ulong Within(ulong field) => Generated.OutputBits >= 64
        ? field
        : field & ((1ul << Generated.OutputBits) - 1) >> Generated.AddressShift;

    /// <summary>Which entry of a walk's table at a level an address leads to.</summary>
    public int IndexOf(WalkShape walk, ulong address, int level) =>
        (int)((address >> Generated[level].Shift) % (ulong)EntriesOf(walk, level));

    /// <summary>How many entries of tables at a level a walk can come to, each way to them counted.</summary>
    public ulong WaysTo(int level) => 1ul << (Deepest.InputBits - Generated[level].Shift);

    /// <summary>Empty tables: as far apart as addresses in entries can tell, and as large as the largest.</summary>
    public TestTables Tables(int pages)
    {
        int largest = Generated.Walks.Max(walk => Math.Max(TableEntries, EntriesOf(walk, walk.Levels)));
        int perPage = Math.Max(largest, (1 << Generated.Description.PageShift) / sizeof(ulong));
        ulong start = Math.Max(TreeMaker.Start, (ulong)perPage * sizeof(ulong));
        return new TestTables(start, pages, perPage);
    }

    public override string ToString() => Name;
}
