using TdpHw.Formats.Tests.Conformance;
using TdpHw.Formats.Tests.Generated;

namespace TdpHw.Formats.Tests;

/// <summary>What is refused before anything is walked.</summary>
public sealed class FormatErrorTests
{
    private static readonly FormatRules<Ept> Rules = Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 40 });

    public static TheoryData<string> FormatIds => Machines.FormatIds;

    [Fact]
    public void A_root_knows_how_far_it_reaches()
    {
        var root = new Root<Ept>(Rules, new(0xff_ffff_f000), 4);
        Assert.Equal(48, root.InputBits);
        Assert.Equal(512, root.EntryCount);
        Assert.Equal(4, root.Levels);
        Assert.Equal(0xff_ffff_f000ul, root.Table.Value);
        Assert.Same(Rules, root.Rules);
        Assert.True(root.Covers(new((1ul << 48) - 1)));
        Assert.False(root.Covers(new(1ul << 48)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void A_root_of_a_depth_that_the_machine_lacks_is_refused(int levels)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new Root<Ept>(Rules, new(0x1000), levels));
        Assert.Equal("levels", thrown.ParamName);
        Assert.Contains("there are: 4", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1008, "aligned")]
    [InlineData(0x1800, "aligned")]
    [InlineData(0x100_0000_0000, "40 bits")]
    [InlineData(long.MinValue, "40 bits")]
    public void A_root_that_can_not_be_a_table_is_refused(long table, string reason)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new Root<Ept>(Rules, new((ulong)table), 4));
        Assert.Equal("table", thrown.ParamName);
        Assert.Contains(reason, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_starts_without_rules_or_a_root()
    {
        var memory = new TestTables(0, 1).Memory;
        Assert.Throws<ArgumentNullException>(() => new Root<Ept>(null!, default, 4));
        Assert.Throws<ArgumentNullException>(() => FormatWalk.Walk<Ept, TestMemory>(in memory, null!, default));
        Assert.Throws<ArgumentNullException>(
            () => FormatWalk.Continue<Ept, TestMemory>(in memory, null!, default, Access.None, 1, Rights.All, 0, default));
        Assert.Throws<ArgumentNullException>(() => BatchWalk.Walk(in memory, (Root<Ept>)null!, [], Access.None, []));
        Assert.Throws<ArgumentNullException>(() => BatchWalk.Walk(in memory, (SnapshotIndex<Ept>)null!, [], Access.None, []));
        Assert.Throws<ArgumentNullException>(() => SnapshotIndexer.Index<Ept, TestMemory>(in memory, null!));
        Assert.Throws<ArgumentNullException>(() => TreeCounter.Count<Ept, TestMemory>(in memory, null!));
        Assert.Throws<ArgumentNullException>(() => new TableCursor<Ept, TestMemory>(in memory, null!).MoveNext());
        Assert.Throws<ArgumentNullException>(() => new RangeCursor<Ept, TestMemory>(in memory, null!).MoveNext());
        Assert.Throws<ArgumentNullException>(() => EntryDecoder.Decode<Ept>(null!, 1, 0));
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void Every_capability_takes_its_range_and_no_more(string formatId)
    {
        CapabilityValues values = Machines.Default(formatId).Generated.Capabilities;
        foreach (CapabilityDescription capability in values.Descriptions)
        {
            int index = values.IndexOf(capability.Name);
            Assert.Equal(capability.Default, values[index]);
            foreach (int allowed in new[] { capability.Minimum, capability.Maximum })
            {
                CapabilityValues changed = values.With(capability.Name, allowed);
                Assert.Equal(allowed, changed[index]);
                Assert.Equal(allowed, changed.Number(index));
                Assert.Equal(capability.Kind != CapabilityKind.Flag || allowed != 0, changed.IsOn(index));
            }

            foreach (int refused in new[] { capability.Minimum - 1, capability.Maximum + 1, int.MinValue, int.MaxValue })
            {
                var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => values.With(capability.Name, refused));
                Assert.Contains(capability.Name, thrown.Message, StringComparison.Ordinal);
            }

            if (capability.Kind == CapabilityKind.OptionalWidth)
            {
                CapabilityValues without = values.With(capability.Name, null);
                Assert.False(without.IsOn(index));
                Assert.Throws<InvalidOperationException>(() => without.Number(index));
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => values.With(capability.Name, null));
            }

            // Values are changed in a copy.
            Assert.Equal(capability.Default, values[index]);
        }
    }

    [Theory]
    [MemberData(nameof(FormatIds))]
    public void A_capability_that_the_format_lacks_is_refused_with_those_it_has(string formatId)
    {
        CapabilityValues values = Machines.Default(formatId).Generated.Capabilities;
        Assert.Equal(-1, values.IndexOf("wishes"));
        var thrown = Assert.Throws<ArgumentException>(() => values.With("wishes", 1));
        Assert.All(
            values.Descriptions,
            capability => Assert.Contains(capability.Name, thrown.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void An_optional_width_may_be_left_out_and_has_no_number_then()
    {
        CapabilityDescription optional = new()
        {
            Name = "c_bit",
            Kind = CapabilityKind.OptionalWidth,
            Minimum = 32,
            Maximum = 51,
            Summary = "a bit that some machines have",
        };
        CapabilityValues values = CapabilityValues.Defaults([optional]);
        Assert.Null(values[0]);
        Assert.False(values.IsOn(0));
        Assert.Throws<InvalidOperationException>(() => values.Number(0));
        CapabilityValues given = values.With("c_bit", 47);
        Assert.True(given.IsOn(0));
        Assert.Equal(47, given.Number(0));
        Assert.Null(given.With("c_bit", null)[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => given.With("c_bit", 52));
    }

    [Fact]
    public void Capabilities_of_another_format_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Ept.RulesFor(VtdSecondStage.Description.DefaultCapabilities));
        Assert.Throws<ArgumentException>(() => VtdSecondStage.RulesFor(Ept.Description.DefaultCapabilities));
        Assert.Throws<ArgumentNullException>(() => Ept.RulesFor(null!));
    }

    [Fact]
    public void A_width_that_no_machine_has_is_refused_whichever_way_it_is_given()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Ept.RulesFor(new EptCapabilities { MaxPhyAddr = 53 }));

        // All of a default struct is zero, also what has another default.
        Assert.Throws<ArgumentOutOfRangeException>(() => Ept.RulesFor(default(EptCapabilities)));
    }

    [Fact]
    public void A_format_that_is_not_registered_is_an_answer()
    {
        Assert.False(FormatRegistry.TryVisit("none", new NameVisitor(), out string? name));
        Assert.Null(name);
        Assert.True(FormatRegistry.TryVisit("ept", new NameVisitor(), out name));
        Assert.Equal("Ept", name);
        Assert.Throws<ArgumentNullException>(() => FormatRegistry.TryVisit<string>("ept", null!, out _));
    }

    [Fact]
    public void A_level_takes_six_tests_of_a_kind()
    {
        var six = new EntryTest[EntryTests.Capacity];
        Array.Fill(six, EntryTest.Never);
        six[^1] = new EntryTest(0x1, 0x1);
        var tests = new EntryTests(six);
        Assert.Equal(EntryTests.Capacity, tests.Count);
        Assert.True(tests.AnyMatches(0x1));
        Assert.False(tests.AnyMatches(0x2));
        Assert.Equal(six[^1], tests[EntryTests.Capacity - 1]);
        Assert.True(tests == new EntryTests(six));
        Assert.Equal(tests.GetHashCode(), new EntryTests(six).GetHashCode());
        Assert.True(tests != new EntryTests(six.AsSpan(1)));
        Assert.False(tests.Equals(null));
        Assert.Throws<ArgumentException>(() => new EntryTests([.. six, EntryTest.Always]));
    }

    [Theory]
    [InlineData(0x0, 0x0, 0x0, 0x0, 0x0, true)]
    [InlineData(0x3, 0x2, 0x0, 0x0, 0x6, true)]
    [InlineData(0x3, 0x2, 0x0, 0x0, 0x7, false)]
    [InlineData(0x0, 0x0, 0x6, 0x0, 0x9, false)]
    [InlineData(0x0, 0x0, 0x6, 0x0, 0xb, true)]
    [InlineData(0x1, 0x1, 0x6, 0x6, 0x7, false)]
    [InlineData(0x1, 0x1, 0x6, 0x6, 0x5, true)]
    [InlineData(0x1, 0x1, 0x6, 0x6, 0x0, false)]
    public void A_test_compares_a_mask_and_asks_for_any_bit_that_differs(
        ulong mask, ulong value, ulong any, ulong flip, ulong entry, bool expected) =>
        Assert.Equal(expected, new EntryTest(mask, value, any, flip).Matches(entry));

    [Theory]
    [InlineData(Rights.None, "---")]
    [InlineData(Rights.All, "RWX")]
    [InlineData(Rights.Read | Rights.Execute, "R-X")]
    [InlineData(Rights.Write | Rights.UserExecute, "-W-")]
    public void Rights_are_listed_by_three_characters(Rights rights, string expected) =>
        Assert.Equal(expected, rights.ToListing());

    [Theory]
    [InlineData(Access.None, Rights.None)]
    [InlineData(Access.Read, Rights.Read)]
    [InlineData(Access.Write, Rights.Write)]
    [InlineData(Access.Execute, Rights.Execute)]
    [InlineData(Access.UserExecute, Rights.UserExecute)]
    public void An_access_needs_its_right(Access access, Rights expected) => Assert.Equal(expected, access.Needed());

    [Fact]
    public void Sums_of_counts_stop_at_the_largest_number()
    {
        var most = new LevelCounts(ulong.MaxValue, ulong.MaxValue - 1, 0, 1, 2, 3);
        var more = new LevelCounts(1, 1, 0, 1, 1, 1);
        Assert.Equal(new LevelCounts(ulong.MaxValue, ulong.MaxValue, 0, 2, 3, 4), most + more);
        Assert.Equal(most + more, more + most);
    }

    [Fact]
    public void Addresses_are_ordered_and_written_in_hexadecimal()
    {
        Assert.Equal("0xfed00000", new HostPhysicalAddress(0xfed00000).ToString());
        Assert.Equal("0x0", default(InputAddress).ToString());
        Assert.True(new HostPhysicalAddress(1) < new HostPhysicalAddress(ulong.MaxValue));
        Assert.True(new HostPhysicalAddress(1) <= new HostPhysicalAddress(1));
        Assert.False(new HostPhysicalAddress(1) > new HostPhysicalAddress(1));
        Assert.True(new HostPhysicalAddress(1) >= new HostPhysicalAddress(1));
        Assert.True(new InputAddress(1) < new InputAddress(ulong.MaxValue));
        Assert.True(new InputAddress(1) <= new InputAddress(1));
        Assert.False(new InputAddress(1) > new InputAddress(1));
        Assert.True(new InputAddress(1) >= new InputAddress(1));
        Assert.Equal(-1, new InputAddress(1).CompareTo(new(2)));
        Assert.Equal(1, new HostPhysicalAddress(2).CompareTo(new(1)));
    }

    private sealed class NameVisitor : IFormatVisitor<string>
    {
        public string Visit<TFormat>()
            where TFormat : struct, IPageTableFormat<TFormat> => TFormat.Description.Name;
    }
}
