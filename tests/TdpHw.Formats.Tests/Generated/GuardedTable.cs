using System.Runtime.InteropServices;

namespace TdpHw.Formats.Tests.Generated;

/// <summary>
/// Room for a table right between two pages that can't be read, so that a read before its start or beyond its end kills the
/// test. On Windows the pages around it stay readable.
/// </summary>
internal sealed unsafe partial class GuardedTable : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private readonly nuint _page = (nuint)Environment.SystemPageSize;
    private readonly byte* _pages;

    public GuardedTable()
    {
        // One page between two guards is all that a table of 512 entries needs.
        Assert.True(_page >= TableScan.MaxEntries * sizeof(ulong));
        _pages = (byte*)NativeMemory.AlignedAlloc(3 * _page, _page);
        Protect(_pages, NoAccess);
        Protect(_pages + (2 * _page), NoAccess);
    }

    /// <summary>A table that ends where the readable memory ends.</summary>
    public Span<ulong> AtEnd(int entryCount) => new(_pages + (2 * _page) - (entryCount * sizeof(ulong)), entryCount);

    /// <summary>A table that starts where the readable memory starts.</summary>
    public Span<ulong> AtStart(int entryCount) => new(_pages + _page, entryCount);

    public void Dispose()
    {
        Protect(_pages, ReadWrite);
        Protect(_pages + (2 * _page), ReadWrite);
        NativeMemory.AlignedFree(_pages);
    }

    private void Protect(byte* page, int access)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(0, ProtectMemory(page, _page, access));
        }
    }

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ProtectMemory(byte* address, nuint length, int access);
}
