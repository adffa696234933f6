namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Gathering bits of entries against moving them one by one.</summary>
public sealed class GatheredBitsTests
{
    public static TheoryData<ulong> ThreeRuns =>
    [
        0x1,
        0x87,
        0x487,
        0x8000_0000_0000_0087,
        0x6000_0000_0000_0e01,
        0xffff_ffff_ffff_ffff,
        0xffff_0000_0000_0000,
        0x8000_0000_0000_0001,
    ];

    [Theory]
    [MemberData(nameof(ThreeRuns))]
    public void Bits_come_next_to_each_other_in_their_order(ulong bits)
    {
        var gathered = new GatheredBits(bits);
        var random = new Random(5);
        Assert.True(GatheredBits.CanGather(bits));
        for (int i = 0; i < 1000; i++)
        {
            ulong entry = (ulong)random.NextInt64() << 1 ^ (ulong)random.NextInt64();
            ulong number = OneByOne(bits, entry);
            Assert.Equal(number, gathered.GatherByShifts(entry));
            Assert.Equal(number, gathered.Gather(entry));
            Assert.Equal(entry & bits, gathered.Scatter(number));
        }
    }

    [Fact]
    public void No_bits_have_one_combination() => Assert.Equal(0ul, new GatheredBits(0).Gather(ulong.MaxValue));

    private static ulong OneByOne(ulong bits, ulong entry)
    {
        ulong number = 0;
        int place = 0;
        for (int bit = 0; bit < 64; bit++)
        {
            if ((bits >> bit & 1) != 0)
            {
                number |= (entry >> bit & 1) << place++;
            }
        }

        return number;
    }
}
