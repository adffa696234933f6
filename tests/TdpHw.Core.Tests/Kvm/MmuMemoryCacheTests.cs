using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Tests.Kvm;

public sealed class MmuMemoryCacheTests
{
    private const int Capacity = 40;
    private const int Minimum = 5;

    [Fact]
    public void A_cache_is_filled_to_its_capacity_only_when_less_than_the_minimum_is_there()
    {
        var machine = new Machine(SharingMode.AsPosted);
        var cache = new MmuMemoryCache(machine);

        Assert.True(cache.TopUp());
        Assert.Equal(Capacity, cache.Count);
        Assert.Equal(Capacity, machine.Memory.TableCount);
        while (cache.Count > Minimum)
        {
            cache.Take();
            Assert.True(cache.TopUp());
        }

        Assert.Equal((Minimum, Capacity), (cache.Count, machine.Memory.TableCount));
        cache.Take();
        Assert.Equal(Minimum - 1, cache.Count);
        Assert.True(cache.TopUp());
        Assert.Equal(Capacity, cache.Count);
    }

    [Theory]
    [InlineData(1, false, 0, 0)]
    [InlineData(5, false, 0, 0)]
    [InlineData(6, true, 5, 40)]
    [InlineData(40, true, 39, 40)]
    [InlineData(41, false, 0, 0)]
    [InlineData(45, false, 4, 4)]
    [InlineData(46, true, 5, 5)]
    [InlineData(80, true, 39, 39)]
    [InlineData(81, true, 40, 40)]
    public void A_cache_that_can_not_be_filled_is_enough_with_the_minimum(int failing, bool isEnough, int count, int pages)
    {
        // Headers first, then pages; each fill ends at the first allocation that fails.
        var machine = new Machine(SharingMode.AsPosted);
        var cache = new MmuMemoryCache(machine);
        machine.Allocations.FailNext(failing);

        Assert.Equal(isEnough, cache.TopUp());
        Assert.Equal((count, pages), (cache.Count, cache.PageCount));
    }

    [Fact]
    public void A_failed_fill_goes_on_where_it_stopped()
    {
        var machine = new Machine(SharingMode.AsPosted);
        var cache = new MmuMemoryCache(machine);
        machine.Allocations.FailNext(Capacity + 3);
        Assert.False(cache.TopUp());
        Assert.Equal(2, cache.PageCount);

        machine.Allocations.FailNext(Capacity - 2 + 1);
        Assert.True(cache.TopUp());
        Assert.Equal(Capacity, cache.Count);
        Assert.Equal(Capacity, machine.Memory.TableCount);
    }

    [Fact]
    public void What_is_given_back_is_taken_again_and_what_is_cleared_is_freed()
    {
        var machine = new Machine(SharingMode.AsPosted);
        var cache = new MmuMemoryCache(machine);
        cache.TopUp();
        Formats.HostPhysicalAddress page = cache.Take();
        Assert.Equal(Capacity - 1, cache.Count);
        cache.Return(page);
        Assert.Equal(Capacity, cache.Count);
        Assert.Equal(page, cache.Take());

        cache.Clear();
        Assert.Equal(0, cache.Count);
        Assert.Equal(1, machine.Memory.TableCount);
        Assert.True(machine.Memory.IsTable(page));
        Assert.Throws<InvalidOperationException>(() => cache.Take());
    }
}
