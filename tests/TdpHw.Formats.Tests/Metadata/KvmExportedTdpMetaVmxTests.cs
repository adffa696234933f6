using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats.Tests.Metadata;

/// <summary>The struct that KVM hands to an importer: its bytes are those of the C struct on a 64-bit machine.</summary>
public sealed class KvmExportedTdpMetaVmxTests
{
    private const int Size = 104;
    private const int Padding = 20;
    private const int Masks = 24;

    [Fact]
    public void The_struct_has_104_bytes()
    {
        Assert.Equal(Size, KvmExportedTdpMetaVmx.SizeInBytes);
        Assert.Equal(Size, Unsafe.SizeOf<KvmExportedTdpMetaVmx>());
    }

    [Fact]
    public void Each_member_is_written_at_its_offset_and_nowhere_else()
    {
        var type = default(KvmExportedTdpMetaVmx);
        type.Type = (KvmTdpType)0x11223344;
        AssertOnly(type, 0, [0x44, 0x33, 0x22, 0x11]);
        var level = default(KvmExportedTdpMetaVmx);
        level.Level = -2;
        AssertOnly(level, 4, [0xfe, 0xff, 0xff, 0xff]);
        var root = default(KvmExportedTdpMetaVmx);
        root.RootHpa = 0x1122334455667788;
        AssertOnly(root, 8, [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
        var huge = default(KvmExportedTdpMetaVmx);
        huge.MaxHugePageLevel = -3;
        AssertOnly(huge, 16, [0xfd, 0xff, 0xff, 0xff]);
        for (int bit7 = 0; bit7 < 2; bit7++)
        {
            for (int level0 = 0; level0 < 5; level0++)
            {
                var mask = default(KvmExportedTdpMetaVmx);
                mask.SetRsvdBitsMask(bit7, level0, 0x1122334455667788);
                AssertOnly(mask, Masks + (8 * ((5 * bit7) + level0)), [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]);
                Assert.Equal(0x1122334455667788ul, mask.GetRsvdBitsMask(bit7, level0));
            }
        }

        Assert.Equal((KvmTdpType)0x11223344, type.Type);
        Assert.Equal(-2, level.Level);
        Assert.Equal(0x1122334455667788ul, root.RootHpa);
        Assert.Equal(-3, huge.MaxHugePageLevel);
    }

    [Fact]
    public void The_type_of_an_ept_is_1() => Assert.Equal(1u, (uint)KvmTdpType.Ept);

    [Fact]
    public void What_was_written_is_read_back()
    {
        KvmExportedTdpMetaVmx sample = Sample();
        byte[] bytes = BytesOf(sample);
        Assert.Equal(sample, KvmExportedTdpMetaVmx.Read(bytes));
        Assert.Equal(4, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
    }

    [Fact]
    public void Bytes_behind_the_struct_are_neither_read_nor_written()
    {
        byte[] bytes = [.. BytesOf(Sample()), 0xaa];
        Assert.Equal(Sample(), KvmExportedTdpMetaVmx.Read(bytes));
        default(KvmExportedTdpMetaVmx).Write(bytes);
        Assert.Equal(0xaa, bytes[Size]);
        Assert.All(bytes[..Size], value => Assert.Equal(0, value));
    }

    [Fact]
    public void Padding_is_ignored_when_read_and_zero_when_written()
    {
        byte[] bytes = BytesOf(Sample());
        for (int i = Padding; i < Masks; i++)
        {
            bytes[i] = 0xff;
        }

        var read = KvmExportedTdpMetaVmx.Read(bytes);
        Assert.Equal(Sample(), read);
        Assert.Equal(Sample().GetHashCode(), read.GetHashCode());
        Assert.Equal(BytesOf(Sample()), BytesOf(read));
    }

    [Fact]
    public void Two_are_equal_when_every_member_is()
    {
        KvmExportedTdpMetaVmx sample = Sample();
        KvmExportedTdpMetaVmx same = Sample();
        Assert.True(sample == same);
        Assert.False(sample != same);
        Assert.True(sample.Equals((object)same));
        Assert.False(sample.Equals(null));
        Assert.Equal(sample.GetHashCode(), same.GetHashCode());
        for (int i = 0; i < Size; i++)
        {
            if (i is >= Padding and < Masks)
            {
                continue;
            }

            byte[] bytes = BytesOf(sample);
            bytes[i] ^= 1;
            var other = KvmExportedTdpMetaVmx.Read(bytes);
            Assert.True(sample != other, $"byte {i}");
            Assert.False(sample.Equals(other));
            Assert.NotEqual(sample.GetHashCode(), other.GetHashCode());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Size - 1)]
    public void A_span_that_is_too_short_is_refused(int length)
    {
        Assert.Throws<ArgumentException>(() => KvmExportedTdpMetaVmx.Read(new byte[length]));
        byte[] bytes = new byte[length];
        Assert.Throws<ArgumentException>(() => Sample().Write(bytes));
        Assert.All(bytes, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(2, 0)]
    [InlineData(0, -1)]
    [InlineData(0, 5)]
    [InlineData(1, 5)]
    [InlineData(int.MinValue, 0)]
    [InlineData(0, int.MaxValue)]
    public void An_index_out_of_bounds_is_refused(int bit7, int level)
    {
        KvmExportedTdpMetaVmx sample = Sample();
        Assert.Throws<ArgumentOutOfRangeException>(() => sample.GetRsvdBitsMask(bit7, level));
        Assert.Throws<ArgumentOutOfRangeException>(() => sample.SetRsvdBitsMask(bit7, level, 0));
        Assert.Equal(Sample(), sample);
    }

    private static KvmExportedTdpMetaVmx Sample()
    {
        var sample = new KvmExportedTdpMetaVmx
        {
            Type = KvmTdpType.Ept,
            Level = 4,
            RootHpa = 0x14aa62000,
            MaxHugePageLevel = 3,
        };
        for (int i = 0; i < 10; i++)
        {
            sample.SetRsvdBitsMask(i / 5, i % 5, 0x000f_ff00_0000_0000ul + (ulong)i);
        }

        return sample;
    }

    private static byte[] BytesOf(KvmExportedTdpMetaVmx value)
    {
        byte[] bytes = new byte[Size];
        value.Write(bytes);
        return bytes;
    }

    private static void AssertOnly(KvmExportedTdpMetaVmx value, int offset, byte[] expected)
    {
        byte[] all = new byte[Size];
        expected.CopyTo(all, offset);
        Assert.Equal(all, BytesOf(value));
    }
}
