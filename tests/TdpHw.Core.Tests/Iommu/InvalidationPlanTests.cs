using System.Collections.Immutable;
using System.Text.Json;
using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class InvalidationPlanTests
{
    private const int Domain = 7;
    private static readonly DeviceAddress[] Devices = [new(0, 8), new(1, 0)];
    private static readonly VtdCap Cap = new(ImportingHost.Cap);

    [Fact]
    public void Every_row_of_the_oracle_becomes_what_the_posted_code_submits()
    {
        foreach (JsonElement row in OracleRows.Of("flush.json"))
        {
            TdpFlush flush = TdpFlush.OfFrames(row.Hex("gfn"), row.Hex("npages"), freesTables: true);
            Assert.Equal((row.Hex("start"), row.Hex("size")), (flush.Start, flush.Size));
            Assert.Equal(row.GetProperty("whole").GetBoolean(), flush.IsAll);

            InvalidationDescriptor[] plan =
            [
                .. InvalidationPlan.For(
                    flush, Cap.WithMaxAddressMask((ulong)row.Number("mamv")), SharingMode.AsPosted, Domain, Devices),
            ];

            JsonElement result = row.GetProperty("result");
            switch (result.GetProperty("op").GetString())
            {
                case "none":
                    Assert.Empty(plan);
                    break;

                case "DSI":
                    Assert.Equal(
                        [InvalidationDescriptor.OfDomain(Domain), .. Devices.Select(InvalidationDescriptor.OfWholeDevice)], plan);
                    break;

                default:
                    var address = new InputAddress(result.Hex("addr"));
                    int mask = result.Number("am");
                    Assert.Equal(
                        [
                            InvalidationDescriptor.OfPages(Domain, address, mask, leavesOnly: result.Number("ih") == 1),
                            .. Devices.Select(d => InvalidationDescriptor.OfDevice(d, address, mask)),
                        ],
                        plan);
                    break;
            }
        }
    }

    // 2^18 pages are what a unit with MAMV 18 drops at once; gfn 0x3ffff and two more cross to the next such block.
    [Theory]
    [InlineData(0x3_ffff_f000ul, 0x3000ul, true, InvalidationKind.IotlbDomain)]
    [InlineData(0x4000_0000ul, 0x4000_0000ul, false, InvalidationKind.IotlbDomain)]
    [InlineData(0x4000_0000ul, 0x8000_0000ul, true, InvalidationKind.IotlbDomain)]
    [InlineData(0x4000_0000ul, 0x4000_0000ul, true, InvalidationKind.IotlbPages)]
    public void A_block_that_the_unit_can_not_drop_at_once_becomes_the_whole_domain(
        ulong start, ulong size, bool hasPageSelective, InvalidationKind expected)
    {
        foreach (SharingMode mode in new[] { SharingMode.AsPosted, SharingMode.Strict })
        {
            ImmutableArray<InvalidationDescriptor> plan = InvalidationPlan.For(
                new TdpFlush(start, size, false), Cap.WithPageSelectiveInvalidation(hasPageSelective), mode, Domain, Devices);

            Assert.Equal(expected, plan[0].Kind);
            Assert.Equal([InvalidationKind.DeviceTlb, InvalidationKind.DeviceTlb], plan.Skip(1).Select(d => d.Kind));
        }
    }

    [Theory]
    [InlineData(0x1800ul, 0x1000ul)]
    [InlineData(0x1000ul, 0x800ul)]
    [InlineData(0ul, 0x1000_0000_0000ul)]
    public void What_the_posted_code_drops_the_strict_mode_widens(ulong start, ulong size)
    {
        var flush = new TdpFlush(start, size, FreesTables: false);

        Assert.Empty(InvalidationPlan.For(flush, Cap, SharingMode.AsPosted, Domain, Devices));

        InvalidationDescriptor[] plan = [.. InvalidationPlan.For(flush, Cap, SharingMode.Strict, Domain, Devices)];
        Assert.Equal(3, plan.Length);
        Assert.All(plan, d => Assert.True(d.First.Value <= start && d.Last.Value >= start + size - 1, d.ToString()));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void The_hint_is_given_only_where_no_table_went(bool freesTables, bool leavesOnly)
    {
        var flush = new TdpFlush(0x20_0000, 0x20_0000, freesTables);

        Assert.True(InvalidationPlan.For(flush, Cap, SharingMode.AsPosted, Domain, [])[0].LeavesOnly);
        Assert.Equal(leavesOnly, InvalidationPlan.For(flush, Cap, SharingMode.Strict, Domain, [])[0].LeavesOnly);
    }

    [Fact]
    public void Whatever_the_range_strict_descriptors_cover_it_and_are_aligned_blocks()
    {
        var random = new Random(11);
        for (int i = 0; i < 20_000; i++)
        {
            ulong start = (ulong)random.NextInt64() >> random.Next(63);
            ulong size = ((ulong)random.NextInt64() >> random.Next(63)) + 1;
            ulong last = start + Math.Min(size - 1, ulong.MaxValue - start);

            foreach (InvalidationDescriptor descriptor in InvalidationPlan.For(
                new TdpFlush(start, size, i % 2 == 0), Cap, SharingMode.Strict, Domain, Devices))
            {
                Assert.True(descriptor.First.Value <= start && descriptor.Last.Value >= last, $"{start:x} {size:x}: {descriptor}");
                if (descriptor.Kind == InvalidationKind.IotlbPages)
                {
                    Assert.InRange(descriptor.AddressMask, 0, 18);
                    Assert.True(descriptor.AddressMask == 0 || CanNotBeHalved(descriptor, start, last));
                }
            }
        }
    }

    private static bool CanNotBeHalved(InvalidationDescriptor descriptor, ulong start, ulong last)
    {
        ulong middle = descriptor.First.Value + ((descriptor.Last.Value - descriptor.First.Value) / 2);
        return start <= middle && last > middle;
    }
}
