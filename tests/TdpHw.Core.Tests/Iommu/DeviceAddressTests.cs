using TdpHw.Core.Iommu;

namespace TdpHw.Core.Tests.Iommu;

public sealed class DeviceAddressTests
{
    [Theory]
    [InlineData("00:1f.2", 0x00, 0xfa)]
    [InlineData("0000:3e:00.0", 0x3e, 0x00)]
    [InlineData("ff:1f.7", 0xff, 0xff)]
    [InlineData("0:0.1", 0x00, 0x01)]
    public void Addresses_are_read_as_lspci_writes_them(string text, int bus, int function)
    {
        Assert.True(DeviceAddress.TryParse(text, out DeviceAddress address));
        Assert.Equal(((byte)bus, (byte)function), (address.Bus, address.Function));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("00:00")]
    [InlineData("100:00.0")]
    [InlineData("00:20.0")]
    [InlineData("00:00.8")]
    [InlineData("00:00.00")]
    [InlineData("00:-1.0")]
    [InlineData(" 0:00.0")]
    [InlineData("00:00.0.0")]
    [InlineData("zz00:00:00.0")]
    [InlineData("0:0:0:0.0")]
    public void Anything_else_is_refused(string? text) => Assert.False(DeviceAddress.TryParse(text, out _));

    [Fact]
    public void An_address_prints_as_it_is_read()
    {
        for (int id = 0; id <= 0xffff; id += 7)
        {
            var address = new DeviceAddress((byte)(id >> 8), (byte)id);
            Assert.True(DeviceAddress.TryParse(address.ToString(), out DeviceAddress read));
            Assert.Equal(address, read);
        }
    }
}
