using TdpHw.Core.Iommu;

namespace TdpHw.Core.Tests.Iommu;

public sealed class InvalidationDescriptorTests
{
    private static readonly DeviceAddress Device = new(0, 8);

    // VT-d specification 6.5.2.5: with S set the lowest zero bit of the address, from bit 12 on, tells the size.
    [Theory]
    [InlineData(0x1000ul, 0, 0x1000ul, false, 0x1000ul, 0x1ffful)]
    [InlineData(0x1000ul, 1, 0x0000ul, true, 0x0000ul, 0x1ffful)]
    [InlineData(0x4000ul, 2, 0x5000ul, true, 0x4000ul, 0x7ffful)]
    [InlineData(0x20_0000ul, 9, 0x2f_f000ul, true, 0x20_0000ul, 0x3f_fffful)]
    [InlineData(0x1f_f000ul, 10, 0x1f_f000ul, true, 0x0000ul, 0x3f_fffful)]
    public void A_device_is_told_the_size_in_the_address(
        ulong address, int mask, ulong encoded, bool hasSize, ulong first, ulong last)
    {
        InvalidationDescriptor descriptor = InvalidationDescriptor.OfDevice(Device, new(address), mask);

        Assert.Equal((encoded, hasSize), (descriptor.Address.Value, descriptor.HasSize));
        Assert.Equal((first, last), (descriptor.First.Value, descriptor.Last.Value));
    }

    [Fact]
    public void All_of_a_device_is_the_largest_size_that_the_address_can_tell()
    {
        InvalidationDescriptor descriptor = InvalidationDescriptor.OfWholeDevice(Device);

        Assert.Equal(0x7fff_ffff_ffff_f000ul, descriptor.Address.Value);
        Assert.Equal((0ul, ulong.MaxValue), (descriptor.First.Value, descriptor.Last.Value));
    }

    [Fact]
    public void A_unit_ignores_address_bits_below_the_block()
    {
        InvalidationDescriptor descriptor = InvalidationDescriptor.OfPages(1, new(0x1f_f000), 10, leavesOnly: true);

        Assert.Equal((0x1f_f000ul, 0ul, 0x3f_fffful), (descriptor.Address.Value, descriptor.First.Value, descriptor.Last.Value));
    }

    [Theory]
    [InlineData(0x1001ul, 0)]
    [InlineData(0x1000ul, -1)]
    [InlineData(0x1000ul, 53)]
    public void There_is_no_block_of_less_than_a_page_or_more_than_all(ulong address, int mask)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => InvalidationDescriptor.OfDevice(Device, new(address), mask));
        Assert.Throws<ArgumentOutOfRangeException>(() => InvalidationDescriptor.OfPages(1, new(address), mask, leavesOnly: false));
    }

    [Fact]
    public void Descriptors_say_what_they_drop()
    {
        Assert.Equal("IotlbPages did 3 0x200000 am 9 ih 1", InvalidationDescriptor.OfPages(3, new(0x20_0000), 9, true).ToString());
        Assert.Equal("IotlbDomain did 3", InvalidationDescriptor.OfDomain(3).ToString());
        Assert.Equal("PasidCache did 3", InvalidationDescriptor.OfPasids(3).ToString());
        Assert.Equal("Iotlb", InvalidationDescriptor.OfEverything().ToString());
        Assert.Equal("DeviceTlb 00:01.0 0x4000 to 0x7fff", InvalidationDescriptor.OfDevice(Device, new(0x4000), 2).ToString());
    }
}
