using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>
/// Objects and pages that were allocated beforehand, for where allocating could fail or wait. A header and a page are taken
/// together. (Linux 6.7 virt/kvm/kvm_main.c, kvm_mmu_topup_memory_cache.)
/// </summary>
/// <param name="machine">Where the pages come from.</param>
internal sealed class MmuMemoryCache(Machine machine)
{
    /// <summary>How many objects a cache takes (KVM_ARCH_NR_OBJS_PER_MEMORY_CACHE).</summary>
    public const int Capacity = 40;

    /// <summary>What one fault may need at the most: a table for each level (PT64_ROOT_MAX_LEVEL).</summary>
    public const int NeededForOneFault = 5;

    private readonly Stack<HostPhysicalAddress> _pages = new(Capacity);
    private int _headers;

    /// <summary>How many tables can be made of what is here.</summary>
    public int Count => Math.Min(_headers, _pages.Count);

    /// <summary>How many pages wait here.</summary>
    public int PageCount => _pages.Count;

    /// <summary>Makes sure of <paramref name="minimum"/> headers and pages: fills the caches where there are fewer.</summary>
    /// <returns>Whether there are enough now.</returns>
    public bool TopUp(int minimum = NeededForOneFault)
    {
        if (_headers < minimum)
        {
            while (_headers < Capacity && machine.Allocations.TryAllocate())
            {
                _headers++;
            }

            if (_headers < minimum)
            {
                return false;
            }
        }

        if (_pages.Count >= minimum)
        {
            return true;
        }

        while (_pages.Count < Capacity && machine.TryAllocateTable(out HostPhysicalAddress page))
        {
            _pages.Push(page);
        }

        return _pages.Count >= minimum;
    }

    /// <summary>Takes a header and a page of zeros.</summary>
    /// <exception cref="InvalidOperationException">There is none: the cache was not topped up.</exception>
    public HostPhysicalAddress Take()
    {
        HostPhysicalAddress page = _pages.Pop();
        _headers--;
        return page;
    }

    /// <summary>Gives back what was taken and is not needed.</summary>
    public void Return(HostPhysicalAddress page)
    {
        _headers++;
        _pages.Push(page);
    }

    /// <summary>Frees what is here.</summary>
    public void Clear()
    {
        _headers = 0;
        while (_pages.TryPop(out HostPhysicalAddress page))
        {
            machine.FreeTable(page);
        }
    }
}
