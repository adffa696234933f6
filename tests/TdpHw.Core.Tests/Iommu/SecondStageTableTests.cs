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

    [Theory]
    [InlineData(0x1f0ul, 0x20ul, 1 + 1 + 1 + 2)]
    [InlineData(0x3_fffful, 0x2ul, 1 + 1 + 2 + 2)]
    [InlineData(0x7ff_fffful, 0x2ul, 1 + 2 + 2 + 2)]
    [InlineData(0x1fful, 0x202ul, 1 + 1 + 1 + 3)]
    public void A_run_goes_on_in_the_next_table_and_ends_where_it_ends(ulong gfn, ulong count, int tables)
    {
        // The frame is aligned to nothing larger than 4 KiB, so that all pages are small ones.
        SecondStageTable table = Create();
        ulong frame = Frames + 0x5000 + (gfn << 12);
        Assert.Equal(Errno.None, table.MapPages(gfn, new(frame), count, isWritable: true, out ulong mapped));

        Assert.Equal(count, mapped);
        for (ulong page = 0; page < count; page++)
        {
            Assert.Equal((12, frame + (page << 12)), Where(table, (gfn + page) << 12));
        }

        Assert.False(Walk(table, (gfn - 1) << 12).IsMapped);
        Assert.False(Walk(table, (gfn + count) << 12).IsMapped);
        Assert.Equal(tables, table.TableCount);
        Assert.Empty(_flushes);
    }

    [Fact]
    public void A_run_takes_the_largest_pages_that_places_and_unit_allow()
    {
        // From 4 KiB below a multiple of 2 MiB to 8 KiB beyond the next but one.
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.MapPages(0x3ff, new(Frames + 0x3f_f000), 0x403, isWritable: true, out _));
        Assert.Equal((12, Frames + 0x3f_f000), Where(table, 0x3f_f000));
        Assert.Equal((21, Frames + 0x40_0000), Where(table, 0x40_0000));
        Assert.Equal((21, Frames + 0x60_0000), Where(table, 0x60_0000));
        Assert.Equal((12, Frames + 0x80_1000), Where(table, 0x80_1000));
        Assert.False(Walk(table, 0x80_2000).IsMapped);

        // 1 GiB where both sides are aligned to it, 2 MiB where the host is aligned to no more.
        Assert.Equal(Errno.None, table.MapPages(0x4_0000, new(Frames + 0x4000_0000), 0x4_0000, isWritable: true, out _));
        Assert.Equal((30, Frames + 0x5234_5000), Where(table, 0x5234_5000));
        Assert.Equal(Errno.None, table.MapPages(0x8_0000, new(Frames + 0x20_0000), 0x4_0000, isWritable: true, out _));
        Assert.Equal((21, Frames + 0x1254_5000), Where(table, 0x9234_5000));

        SecondStageTable small = Create(new VtdSecondStageCapabilities { Page2M = false, Page1G = false });
        Assert.Equal(Errno.None, small.MapPages(0x200, new(Frames), 0x200, isWritable: true, out _));
        Assert.Equal((12, Frames + 0x12_3000), Where(small, 0x32_3000));
    }

    [Fact]
    public void A_run_leaves_what_is_mapped_so_and_replaces_what_is_not_with_one_flush()
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities());
        Assert.Equal(Errno.None, table.Map(0x12, new(Frames + 0x2000), 1, isWritable: true));
        HostPhysicalAddress same = Walk(table, 0x12000).EntryAddress;
        _machine.Memory.Write(same, Walk(table, 0x12000).Entry | 0x300);
        Assert.Equal(Errno.None, table.MapPages(0x10, new(Frames), 8, isWritable: true, out _));
        Assert.Empty(_flushes);
        Assert.Equal(0x300ul, Walk(table, 0x12000).Entry & 0x300);

        // Two pages of the run are elsewhere, one has other rights.
        foreach (ulong moved in new ulong[] { 0x13, 0x15 })
        {
            table.Unmap(moved, moved);
            Assert.Equal(Errno.None, table.Map(moved, new(Frames + 0x70_0000), 1, isWritable: true));
        }

        table.Unmap(0x14, 0x14);
        Assert.Equal(Errno.None, table.Map(0x14, new(Frames + 0x4000), 1, isWritable: false));
        _flushes.Clear();
        Assert.Equal(Errno.None, table.MapPages(0x10, new(Frames), 8, isWritable: true, out ulong mapped));

        Assert.Equal(8ul, mapped);
        Assert.Equal([new TdpFlush(0x13000, 0x3000, FreesTables: false)], _flushes);
        for (ulong page = 0; page < 8; page++)
        {
            Assert.Equal(Frames + (page << 12), Where(table, (0x10 + page) << 12).Output);
            Assert.True(Walk(table, (0x10 + page) << 12, Access.Write).IsMapped);
        }

        Assert.Equal(0x300ul, Walk(table, 0x12000).Entry & 0x300);
    }

    [Fact]
    public void A_run_through_larger_pages_leaves_them_where_they_say_the_same_and_splits_them_where_not()
    {
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.Map(0x200, new(Frames + 0x20_0000), 2, isWritable: true));
        Assert.Equal(Errno.None, table.Map(0x400, new(Frames + 0x60_0000), 2, isWritable: true));

        // Ends in the middle of the second, which is elsewhere.
        Assert.Equal(Errno.None, table.MapPages(0x1ff, new(Frames + 0x1f_f000), 0x301, isWritable: true, out _));

        Assert.Equal([new TdpFlush(0x40_0000, 0x10_0000, FreesTables: false)], _flushes);
        Assert.Equal((12, Frames + 0x1f_f000), Where(table, 0x1f_f000));
        Assert.Equal((21, Frames + 0x20_1000), Where(table, 0x20_1000));
        Assert.Equal((12, Frames + 0x4f_f000), Where(table, 0x4f_f000));
        Assert.Equal((12, Frames + 0x70_0000), Where(table, 0x50_0000));
    }

    [Fact]
    public void Larger_pages_of_a_run_take_the_place_of_tables_which_one_flush_precedes()
    {
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.MapPages(0x200, new(Frames + 0x1000), 0x400, isWritable: true, out _));
        Assert.Equal(5, table.TableCount);
        int atFlush = 0;
        OnFlush = () => atFlush = table.TableCount;

        Assert.Equal(Errno.None, table.MapPages(0x200, new(Frames), 0x400, isWritable: true, out _));

        Assert.Equal([new TdpFlush(0x20_0000, 0x40_0000, FreesTables: true)], _flushes);
        Assert.Equal((5, 3), (atFlush, table.TableCount));
        Assert.Equal((21, Frames + 0x3f_f000), Where(table, 0x5f_f000));
    }

    [Theory]
    [InlineData(0x1ul, Frames + 0x800, 2ul)]
    [InlineData(0xf_ffff_fffful, Frames, 2ul)]
    [InlineData(0xfff_ffff_fffful, Frames, 0x1000_0000_0001ul)]
    [InlineData(0xffff_ffff_ffff_fffful, Frames, 1ul)]
    [InlineData(0x1ul, Frames, ulong.MaxValue)]
    [InlineData(0x1ul, Frames, 1ul << 52)]
    [InlineData(0x1ul, (1ul << 46) - 0x1000, 2ul)]
    [InlineData(0x1ul, 0xffff_ffff_ffff_f000ul, 2ul)]
    public void A_run_of_which_table_or_unit_can_not_hold_one_page_is_rejected_as_a_whole(ulong gfn, ulong frame, ulong count)
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities { Haw = 46 });

        Assert.Equal(Errno.EFAULT, table.MapPages(gfn, new(frame), count, isWritable: true, out ulong mapped));
        Assert.Equal((0ul, 1), (mapped, table.TableCount));
    }

    [Fact]
    public void A_run_up_to_the_last_page_and_the_last_frame_is_mapped_and_one_of_none_maps_nothing()
    {
        SecondStageTable table = Create(new VtdSecondStageCapabilities { Haw = 46 });
        Assert.Equal(Errno.None, table.MapPages(0xf_ffff_fffe, new((1ul << 46) - 0x2000), 2, isWritable: true, out _));
        Assert.Equal((12, (1ul << 46) - 0x1000), Where(table, 0xffff_ffff_f000));

        Assert.Equal(Errno.None, table.MapPages(0x1, new(Frames), 0, isWritable: true, out ulong mapped));
        Assert.Equal((0ul, 4), (mapped, table.TableCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Without_memory_a_run_says_how_far_it_came_and_what_it_replaced_is_flushed(bool replaces)
    {
        SecondStageTable table = Create();
        ulong elsewhere = Frames + 0x70_0000;
        Assert.Equal(Errno.None, table.Map(0x1f0, new(replaces ? elsewhere : Frames), 1, isWritable: true));
        _machine.Allocations.FailNext(2);

        // The first table is there, the second is made, the third fails.
        Assert.Equal(Errno.ENOMEM, table.MapPages(0x1f0, new(Frames), 0x300, isWritable: true, out ulong mapped));

        Assert.Equal(0x210ul, mapped);
        Assert.Equal((12, Frames), Where(table, 0x1f_0000));
        Assert.Equal((12, Frames + 0x20_f000), Where(table, 0x3f_f000));
        Assert.False(Walk(table, 0x40_0000).IsMapped);
        Assert.Equal(replaces ? [new TdpFlush(0x1f_0000, 0x1000, FreesTables: false)] : [], _flushes);

        Assert.Equal(Errno.None, table.MapPages(0x1f0, new(Frames), 0x300, isWritable: true, out mapped));
        Assert.Equal(0x300ul, mapped);
        Assert.Equal((12, Frames + 0x2f_f000), Where(table, 0x4e_f000));
    }

    [Fact]
    public void Unmapping_part_of_a_run_leaves_the_rest_and_the_tables_that_still_hold_some()
    {
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.MapPages(0x1f0, new(Frames), 0x220, isWritable: true, out _));
        Assert.Equal(6, table.TableCount);

        Assert.Equal(0x210, table.Unmap(0x1f8, 0x407));

        // The table in the middle held nothing else.
        Assert.Equal([new TdpFlush(0x1f_8000, 0x21_0000, FreesTables: true)], _flushes);
        Assert.Equal(5, table.TableCount);
        Assert.Equal((12, Frames + 0x7000), Where(table, 0x1f_7000));
        Assert.False(Walk(table, 0x1f_8000).IsMapped);
        Assert.False(Walk(table, 0x40_7000).IsMapped);
        Assert.Equal((12, Frames + 0x21_8000), Where(table, 0x40_8000));
    }

    [Fact]
    public void Unmapping_counts_the_pages_between_holes_and_flushes_from_the_first_to_the_last()
    {
        var random = new Random(5);
        SecondStageTable table = Create();
        Assert.Equal(Errno.None, table.Map(0x3ff, new(Frames), 1, isWritable: true));
        for (int round = 0; round < 200; round++)
        {
            ulong first = 0x200 + (ulong)random.Next(0x100);
            ulong[] pages = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => first + (ulong)random.Next(40)).Distinct()];
            foreach (ulong page in pages)
            {
                Assert.Equal(Errno.None, table.Map(page, new(Frames + (page << 12)), 1, isWritable: true));
            }

            _flushes.Clear();
            Assert.Equal(pages.Length, table.Unmap(first, first + 39));
            Assert.Equal([new TdpFlush(pages.Min() << 12, (pages.Max() - pages.Min() + 1) << 12, FreesTables: false)], _flushes);
            Assert.DoesNotContain(pages, p => Walk(table, p << 12).IsMapped);
        }

        Assert.True(Walk(table, 0x3f_f000).IsMapped);
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
                bool isRun = random.Next(2) == 0;
                int level = random.Next(4) == 0 ? 2 : 1;
                ulong count = isRun ? Math.Min((ulong)random.Next(1, 900), pages - gfn) : level == 2 ? 512ul : 1;
                gfn &= isRun ? ulong.MaxValue : ~(count - 1);
                ulong frame = Frames + ((ulong)random.Next(3) << 30) + (gfn << 12);
                bool isWritable = random.Next(4) != 0;
                Assert.Equal(Errno.None, isRun
                    ? table.MapPages(gfn, new(frame), count, isWritable, out _)
                    : table.Map(gfn, new(frame), level, isWritable));
                Assert.True(_flushes.Count <= 1);
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

    [Fact]
    public async Task Many_threads_map_runs_and_unmap_parts_of_them_and_no_page_is_lost()
    {
        const int threads = 4;
        const ulong runsEach = 300;
        const ulong pagesOfRun = 37;
        SecondStageTable table = Create();
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (ulong i = 0; i < runsEach; i++)
            {
                ulong gfn = ((i * threads) + (ulong)thread) * pagesOfRun;
                Assert.Equal(Errno.None, table.MapPages(gfn, new(Frames + 0x1000 + (gfn << 12)), pagesOfRun, true, out _));
                Assert.Equal(5, table.Unmap(gfn + 16, gfn + 20));
            }
        })));

        for (ulong gfn = 0; gfn < runsEach * threads * pagesOfRun; gfn++)
        {
            WalkResult walk = Walk(table, gfn << 12);
            bool isMapped = gfn % pagesOfRun is < 16 or > 20;
            Assert.Equal((isMapped, isMapped ? Frames + 0x1000 + (gfn << 12) : 0), (walk.IsMapped, walk.Output.Value));
        }

        Assert.Equal(3 + (int)((pagesOfRun * runsEach * threads) + 511) / 512, table.TableCount);
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
