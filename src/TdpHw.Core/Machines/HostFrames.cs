using TdpHw.Formats;

namespace TdpHw.Core.Machines;

/// <summary>
/// Hands out the host's page frames: single ones for tables, blocks of any page size for guest memory. A freed block is handed
/// out again only after all others of its size were, so that a stale translation leads to a frame that nobody has.
/// </summary>
internal sealed class HostFrames
{
    // The lowest memory is the firmware's. Tables and data lie apart, to be told apart at a glance, and tables below 2^32, where
    // every machine reaches them.
    private const ulong FirstTable = 0x2000_0000;
    private const ulong FirstData = 0x8000_0000;

    // Below 4 GiB devices and the interrupt window take the place of memory.
    private const ulong Hole = 0xc000_0000;
    private const ulong AfterHole = 0x1_0000_0000;

    private readonly Lock _lock = new();
    private readonly Queue<ulong> _freeTables = new();
    private readonly Dictionary<ulong, Queue<ulong>> _freeBlocks = [];
    private ulong _nextTable = FirstTable;
    private ulong _nextData = FirstData;

    /// <summary>Takes a frame for a table.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryTakeTable(out HostPhysicalAddress address)
    {
        lock (_lock)
        {
            // Fresh ones first: the contents of a freed table stay to be seen for as long as possible.
            if (_nextTable < FirstData)
            {
                address = new(_nextTable);
                _nextTable += HostMemory.PageSize;
                return true;
            }

            bool found = _freeTables.TryDequeue(out ulong value);
            address = new(value);
            return found;
        }
    }

    /// <summary>Gives a table's frame back.</summary>
    public void ReturnTable(HostPhysicalAddress address)
    {
        lock (_lock)
        {
            _freeTables.Enqueue(address.Value);
        }
    }

    /// <summary>Takes a block of guest memory.</summary>
    /// <param name="size">Its size and alignment in bytes, a power of two.</param>
    /// <param name="addressBits">How wide its addresses may be.</param>
    /// <param name="address">The block.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryTakeBlock(ulong size, int addressBits, out HostPhysicalAddress address)
    {
        ulong last = ulong.MaxValue >> (64 - addressBits);
        while (true)
        {
            ulong next = Volatile.Read(ref _nextData);
            ulong start = (next + size - 1) & ~(size - 1);
            if (start < AfterHole && start + size > Hole)
            {
                start = (AfterHole + size - 1) & ~(size - 1);
            }

            if (start + size - 1 > last)
            {
                break;
            }

            if (Interlocked.CompareExchange(ref _nextData, start + size, next) == next)
            {
                address = new(start);
                return true;
            }
        }

        lock (_lock)
        {
            ulong freed = 0;
            bool found = _freeBlocks.TryGetValue(size, out Queue<ulong>? free) && free.TryDequeue(out freed);
            address = new(freed);
            return found;
        }
    }

    /// <summary>Gives a block of guest memory back.</summary>
    public void ReturnBlock(HostPhysicalAddress address, ulong size)
    {
        lock (_lock)
        {
            if (!_freeBlocks.TryGetValue(size, out Queue<ulong>? free))
            {
                _freeBlocks.Add(size, free = new Queue<ulong>());
            }

            free.Enqueue(address.Value);
        }
    }

    /// <summary>Whether the block at <paramref name="address"/>, which was taken once, was not given back since.</summary>
    public bool IsTaken(HostPhysicalAddress address)
    {
        lock (_lock)
        {
            return !_freeBlocks.Values.Any(free => free.Contains(address.Value));
        }
    }
}
