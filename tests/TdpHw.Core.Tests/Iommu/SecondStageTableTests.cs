using TdpHw.Core.Iommu;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Iommu;

public sealed class SecondStageTableTests
{
    private const ulong Frames = 0x40_0000_0000;

    private static readonly FormatRules<VtdSecondStage> AllRules = VtdSecondStage.RulesFor(new VtdSecondStageCapabilities());

    private readonly Machine _machine = new(SharingMode.AsPosted);
    private readonly List<TdpFlush> _flushes = [];

    [Fact]
    public void Entries_hold_what_the_manual_says_bit_by_bit()
    {
        foreach (bool snoops in new[] { true, false })
        {
            SecondStageTable table = Create(new VtdSecondStageCapabilities { SnoopControl = snoops, AccessedDirty = false });
            Assert.Equal(Errno.None, table.Map(0x1, new(Frames + 0x5000), 1, isWritable: true));
            Assert.Equal(Errno.None, table.Map(0x200, new(Frames + 0x20_0000), 2, isWritable: false));
            Assert.Equal(Errno.None, table.Map(0x4_0000, new(Frames + 0x4000_0000), 3, isWritable: true));

            // R, W, PS in large pages only, SNP where leaves may have it; A in tables, so that no walk need set it.
            ulong snoop = snoops ? 0x800ul : 0;
            Assert.Equal((Frames + 0x5000) | 3 | snoop, Walk(table, 0x1000).Entry);
            Assert.Equal((Frames + 0x20_0000) | 0x81 | snoop, Walk(table, 0x20_0000).Entry);
            Assert.Equal((Frames + 0x4000_0000) | 0x83 | snoop, Walk(table, 0x4000_0000).Entry);
            Assert.True(_machine.Memory.TryRead(table.Root, out ulong root));
            Assert.Equal(0x103ul, root & 0xfff);

            // Root, two tables below it, one for 4-KiB pages.
            Assert.Equal(4, table.TableCount);
            Assert.Empty(_flushes);
        }
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Pages_that_the_unit_has_not_are_mapped_in_smaller_ones(bool has2M, bool has1G)
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities { Page2M = has2M, Page1G = has1G });

        Assert.Equal(Errno.None, table.Map(0, new(Frames), 2, isWritable: true));
        Assert.Equal((has2M ? 21 : 12, Frames + 0x12_3000), Where(table, 0x12_3000));

        int before = table.TableCount;
        Assert.Equal(Errno.None, table.Map(0x4_0000, new(Frames + 0x4000_0000), 3, isWritable: true));
        Assert.Equal((has1G ? 30 : has2M ? 21 : 12, Frames + 0x4012_3000), Where(table, 0x4012_3000));
        Assert.Equal(has1G ? 0 : has2M ? 1 : 513, table.TableCount - before);
    }

    [Theory]
    [InlineData(0x1ul, Frames, 2)]
    [InlineData(0x200ul, Frames + 0x1000, 2)]
    [InlineData(0x10_0000_0000ul, Frames, 1)]
    [InlineData(0xfff_ffff_ffff_fffful, Frames, 1)]
    [InlineData(0x1ul, 1ul << 46, 1)]
    public void What_table_or_unit_can_not_hold_is_rejected(ulong gfn, ulong frame, int level)
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities { Haw = 46 });

        Assert.Equal(Errno.EFAULT, table.Map(gfn, new(frame), level, isWritable: true));
        Assert.Equal(1, table.TableCount);
    }

    [Fact]
    public void A_page_in_place_of_tables_is_flushed_before_they_are_freed()
    {
        SecondStageTable table = Create();
        for (ulong gfn = 0; gfn < 512; gfn++)
        {
            Assert.Equal(Errno.None, table.Map(gfn, new(Frames + (gfn << 12)), 1, isWritable: true));
        }

        Assert.Equal(4, table.TableCount);
        HostPhysicalAddress lowest = new(Walk(table, 0).EntryAddress.Value & ~0xffful);
        bool wasThere = false;
        OnFlush = () => wasThere = _machine.Memory.IsTable(lowest);

        Assert.Equal(Errno.None, table.Map(0, new(Frames), 2, isWritable: true));

        Assert.Equal([new TdpFlush(0, 0x20_0000, FreesTables: true)], _flushes);
        Assert.True(wasThere);
        Assert.False(_machine.Memory.IsTable(lowest));
        Assert.Equal((3, (21, Frames + 0x3000)), (table.TableCount, Where(table, 0x3000)));
    }

    [Fact]
    public void A_page_in_a_larger_one_s_place_splits_it_and_flushes_what_changes()
    {
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.Map(0, new(Frames), 3, isWritable: true));

        // What the larger page says already needs nothing.
        Assert.Equal(Errno.None, table.Map(0x123, new(Frames + 0x12_3000), 1, isWritable: true));
        Assert.Equal((2, 30), (table.TableCount, Where(table, 0x12_3000).Shift));

        Assert.Equal(Errno.None, table.Map(0x123, new(Frames + 0x12_3000), 1, isWritable: false));

        Assert.Equal([new TdpFlush(0x12_3000, 0x1000, FreesTables: false)], _flushes);
        Assert.Equal(4, table.TableCount);
        Assert.Equal(WalkOutcome.PermissionDenied, Walk(table, 0x12_3000, Access.Write).Outcome);
        Assert.Equal((12, Frames + 0x12_4000), Where(table, 0x12_4000));
        Assert.Equal((21, Frames + 0x20_0000), Where(table, 0x20_0000));
    }

    [Fact]
    public void A_frame_that_moved_is_flushed_and_one_that_did_not_is_left_with_its_flags()
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities());
        Assert.Equal(Errno.None, table.Map(1, new(Frames), 1, isWritable: true));
        HostPhysicalAddress entry = Walk(table, 0x1000).EntryAddress;
        _machine.Memory.Write(entry, Walk(table, 0x1000).Entry | 0x300);

        Assert.Equal(Errno.None, table.Map(1, new(Frames), 1, isWritable: true));
        Assert.Equal(0x300ul, Walk(table, 0x1000).Entry & 0x300);
        Assert.Empty(_flushes);

        Assert.Equal(Errno.None, table.Map(1, new(Frames + 0x1000), 1, isWritable: true));
        Assert.Equal([new TdpFlush(0x1000, 0x1000, FreesTables: false)], _flushes);
    }

    [Fact]
    public void Unmapping_clears_flushes_and_frees_in_this_order()
    {
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.Map(0x1, new(Frames), 1, isWritable: true));
        Assert.Equal(Errno.None, table.Map(0x3, new(Frames + 0x1000), 1, isWritable: true));
        HostPhysicalAddress lowest = new(Walk(table, 0x1000).EntryAddress.Value & ~0xffful);
        bool[] seen = [];
        OnFlush = () => seen = [Walk(table, 0x1000).IsMapped, _machine.Memory.IsTable(lowest), _machine.IsQuiet];

        Assert.Equal(0, table.Unmap(0x10, 0x20));
        Assert.Empty(_flushes);
        Assert.Equal(1, table.Unmap(0x0, 0x1));
        Assert.Equal([new TdpFlush(0x1000, 0x1000, FreesTables: false)], _flushes);
        Assert.Equal([false, true, false], seen);

        // The last page of the tables goes, and they with it: the hint must not be given.
        Assert.Equal(1, table.Unmap(0, ulong.MaxValue));
        Assert.True(_flushes[1].FreesTables);
        Assert.True(_flushes[1].Start <= 0x3000 && _flushes[1].Start + _flushes[1].Size >= 0x4000);
        Assert.Equal([false, true, false], seen);
        Assert.False(_machine.Memory.IsTable(lowest));
        Assert.Equal(1, table.TableCount);
    }

    [Fact]
    public void Without_memory_nothing_is_mapped_and_the_next_try_succeeds()
    {
        for (int allocation = 1; allocation <= 3; allocation++)
        {
            SecondStageTable table = Create();
            _machine.Allocations.FailNext(allocation);
            Assert.Equal(Errno.ENOMEM, table.Map(1, new(Frames), 1, isWritable: true));
            Assert.False(Walk(table, 0x1000).IsMapped);

            // Tables that the failed try left are empty, and may be known to the unit.
            Assert.Equal(0, table.Unmap(0, ulong.MaxValue));
            Assert.Equal(allocation > 1, _flushes.Count != 0);
            Assert.Equal(1, table.TableCount);
            Assert.Equal(Errno.None, table.Map(1, new(Frames), 1, isWritable: true));
            _flushes.Clear();
        }
    }

    [Fact]
    public void Freed_tables_map_and_unmap_nothing()
    {
        int before = _machine.Memory.TableCount;
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.Map(0x1, new(Frames), 1, isWritable: true));
        Assert.Equal(Errno.None, table.Map(0x200, new(Frames + 0x20_0000), 2, isWritable: true));

        table.Free();

        Assert.Equal((0, before), (table.TableCount, _machine.Memory.TableCount));
        Assert.Equal(Errno.None, table.Map(0x1, new(Frames), 1, isWritable: true));
        Assert.Equal(0, table.Unmap(0, ulong.MaxValue));
        Assert.Equal(before, _machine.Memory.TableCount);
    }

    [Theory]
    [InlineData(46, true, true, true, true)]
    [InlineData(52, true, true, true, true)]
    [InlineData(45, true, true, true, false)]
    [InlineData(46, false, true, true, false)]
    [InlineData(46, true, false, true, false)]
    [InlineData(46, true, true, false, false)]
    public void Another_unit_takes_the_table_when_it_takes_all_that_may_stand_in_it(
        int haw, bool has2M, bool has1G, bool snoops, bool expected)
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities { Haw = 46, AccessedDirty = false });

        Assert.Equal(expected, table.IsFor(VtdSecondStage.RulesFor(new VtdSecondStageCapabilities
        {
            Haw = haw,
            Page2M = has2M,
            Page1G = has1G,
            SnoopControl = snoops,
        })));
    }

    [Fact]
    public void Whatever_is_mapped_and_unmapped_the_table_says_what_a_plain_list_says()
    {
        const ulong pages = 3 * 512;
        var random = new Random(17);
        SecondStageTable table = Create();
        var expected = new Dictionary<ulong, (ulong Frame, bool IsWritable)>();
        for (int step = 0; step < 500; step++)
        {
            var before = new Dictionary<ulong, (ulong Frame, bool IsWritable)>(expected);
            _flushes.Clear();
            ulong gfn = (ulong)random.NextInt64((long)pages);
            int unmapped = 0;
            if (random.Next(3) == 0)
            {
                ulong last = Math.Min(gfn + (ulong)random.Next(1, 700), pages - 1);
                unmapped = table.Unmap(gfn, last);
                for (ulong page = 0; page < pages; page++)
                {
                    // A large page goes as a whole; outside the range nothing else may change.
                    if ((page >= gfn && page <= last) || !Walk(table, page << 12).IsMapped)
                    {
                        expected.Remove(page);
                    }
                }
            }
            else
            {
                int level = random.Next(4) == 0 ? 2 : 1;
                ulong count = level == 2 ? 512ul : 1;
                gfn &= ~(count - 1);
                ulong frame = Frames + ((ulong)random.Next(3) << 30) + (gfn << 12);
                bool isWritable = random.Next(4) != 0;
                Assert.Equal(Errno.None, table.Map(gfn, new(frame), level, isWritable));
                for (ulong page = gfn; page < gfn + count; page++)
                {
                    expected[page] = (frame + ((page - gfn) << 12), isWritable);
                }
            }

            AssertSame(table, expected, pages);
            AssertFlushed(before, expected);
            Assert.True(unmapped == 0 || _flushes.Count == 1);
        }

        table.Unmap(0, ulong.MaxValue);
        Assert.Equal(1, table.TableCount);
    }

    [Fact]
    public async Task Many_threads_map_and_unmap_and_none_is_lost()
    {
        const int threads = 4;
        const ulong pagesEach = 1500;
        SecondStageTable table = Create();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (ulong i = 0; i < pagesEach; i++)
            {
                // Neighbours in one table belong to different threads.
                ulong gfn = (i * threads) + (ulong)thread;
                Assert.Equal(Errno.None, table.Map(gfn, new(Frames + (gfn << 12)), 1, isWritable: true));
                if (i % 3 == 0)
                {
                    Assert.Equal(1, table.Unmap(gfn, gfn));
                }
            }
        })));

        for (ulong gfn = 0; gfn < pagesEach * threads; gfn++)
        {
            Assert.Equal(gfn / threads % 3 != 0, Walk(table, gfn << 12).IsMapped);
        }

        Assert.Equal(3 + (int)((pagesEach * threads) + 511) / 512, table.TableCount);
    }

    private Action OnFlush { get; set; } = () => { };

    private SecondStageTable Create(VtdSecondStageCapabilities? capabilities = null)
    {
        Assert.True(SecondStageTable.TryCreate(
            _machine,
            VtdSecondStage.RulesFor(capabilities ?? new VtdSecondStageCapabilities { AccessedDirty = false }),
            levels: 4,
            flush =>
            {
                lock (_flushes)
                {
                    _flushes.Add(flush);
                }

                OnFlush();
            },
            out SecondStageTable? table));
        return table!;
    }

    private WalkResult Walk(SecondStageTable table, ulong address, Access access = Access.Read) => VtdSecondStage.Walk(
        _machine.View,
        new Root<VtdSecondStage>(AllRules, table.Root, 4),
        new InputAddress(address),
        access);

    private (int Shift, ulong Output) Where(SecondStageTable table, ulong address)
    {
        WalkResult walk = Walk(table, address);
        return (walk.PageShift, walk.Output.Value);
    }

    private void AssertSame(SecondStageTable table, Dictionary<ulong, (ulong Frame, bool IsWritable)> expected, ulong pages)
    {
        for (ulong page = 0; page < pages; page++)
        {
            WalkResult walk = Walk(table, page << 12);
            Assert.Equal(expected.TryGetValue(page, out (ulong Frame, bool IsWritable) wanted), walk.IsMapped);
            if (walk.IsMapped)
            {
                Assert.Equal(wanted, (walk.Output.Value, (walk.Rights & Rights.Write) != 0));
            }
        }
    }

    /// <summary>Whatever was mapped and is not any more, or not so, was flushed.</summary>
    private void AssertFlushed(
        Dictionary<ulong, (ulong Frame, bool IsWritable)> before, Dictionary<ulong, (ulong Frame, bool IsWritable)> after)
    {
        foreach ((ulong page, (ulong, bool) old) in before)
        {
            bool isSame = after.TryGetValue(page, out (ulong, bool) now) && now == old;
            Assert.True(isSame || _flushes.Exists(f => page << 12 >= f.Start && page << 12 < f.Start + f.Size), $"page {page}");
        }
    }
}
