namespace TdpHw.Formats.Tests.Generated;

/// <summary>The struct that walks and cursors want, around the tables of a test.</summary>
internal readonly struct TestMemory(TestTables tables) : IPhysicalMemory
{
    public bool TryReadEntry(HostPhysicalAddress address, out ulong entry) => tables.TryReadEntry(address, out entry);

    public bool TryGetTable(HostPhysicalAddress address, int entryCount, out ReadOnlySpan<ulong> table) =>
        tables.TryGetTable(address, entryCount, out table);
}
