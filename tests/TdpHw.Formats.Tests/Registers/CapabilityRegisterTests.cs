using System.Text.Json;
using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>Capability registers of real machines, taken apart by the oracle.</summary>
public sealed class CapabilityRegisterTests
{
    private static readonly JsonElement Oracle = OracleFile.Read("caps");

    /// <summary>The oracle's names, in ours. A name that is missing here fails, and so does one that no row has.</summary>
    private static readonly Dictionary<string, Func<EptVpidCap, ulong>> EptVpidCapFields = new()
    {
        ["execute_only"] = cap => Bit(cap.ExecuteOnly),
        ["walk4"] = cap => Bit(cap.Walk4),
        ["walk5"] = cap => Bit(cap.Walk5),
        ["mt_uc"] = cap => Bit(cap.MemoryTypeUc),
        ["mt_wb"] = cap => Bit(cap.MemoryTypeWb),
        ["page_2m"] = cap => Bit(cap.Page2M),
        ["page_1g"] = cap => Bit(cap.Page1G),
        ["invept"] = cap => Bit(cap.Invept),
        ["ad"] = cap => Bit(cap.AccessedDirty),
        ["adv_exit_info"] = cap => Bit(cap.AdvancedExitInformation),
        ["sss"] = cap => Bit(cap.SupervisorShadowStack),
        ["invept_single"] = cap => Bit(cap.InveptSingleContext),
        ["invept_all"] = cap => Bit(cap.InveptAllContext),
        ["invvpid"] = cap => Bit(cap.Invvpid),
        ["invvpid_addr"] = cap => Bit(cap.InvvpidAddress),
        ["invvpid_single"] = cap => Bit(cap.InvvpidSingleContext),
        ["invvpid_all"] = cap => Bit(cap.InvvpidAllContext),
        ["invvpid_single_retain_global"] = cap => Bit(cap.InvvpidSingleRetainingGlobals),
        ["max_hlat_prefix"] = cap => cap.MaxHlatPrefix,

        // KVM takes the largest page that the hardware maps.
        ["kvm_max_huge_level"] = cap => cap.Page1G ? 3u : cap.Page2M ? 2u : 1u,
    };

    private static readonly Dictionary<string, Func<VtdCap, ulong>> VtdCapFields = new()
    {
        ["nd_domains"] = cap => 1ul << (int)(4 + (2 * cap.DomainsLog)),
        ["afl"] = cap => Bit(cap.AdvancedFaultLogging),
        ["rwbf"] = cap => Bit(cap.WriteBufferFlush),
        ["plmr"] = cap => Bit(cap.ProtectedLowMemory),
        ["phmr"] = cap => Bit(cap.ProtectedHighMemory),
        ["cm"] = cap => Bit(cap.CachingMode),
        ["sagaw"] = cap => cap.Sagaw,
        ["mgaw"] = cap => (ulong)cap.MaxGuestAddressWidth,
        ["zlr"] = cap => Bit(cap.ZeroLengthRead),
        ["fro"] = cap => (ulong)cap.FaultRecordingOffset,
        ["sllps"] = cap => cap.LargePages,
        ["psi"] = cap => Bit(cap.PageSelectiveInvalidation),
        ["nfr"] = cap => (ulong)cap.FaultRecordingRegisters,
        ["mamv"] = cap => cap.MaxAddressMask,
        ["dwd"] = cap => Bit(cap.DrainWrites),
        ["drd"] = cap => Bit(cap.DrainReads),
        ["fl1gp"] = cap => Bit(cap.FirstStage1G),
        ["pi"] = cap => Bit(cap.PostedInterrupts),
        ["fl5lp"] = cap => Bit(cap.FirstStage5Level),
        ["ecmds"] = cap => Bit(cap.EnhancedCommands),
        ["esirtps"] = cap => Bit(cap.EnhancedSetInterruptRemapPointer),
        ["esrtps"] = cap => Bit(cap.EnhancedSetRootPointer),
    };

    private static readonly Dictionary<string, Func<VtdEcap, ulong>> VtdEcapFields = new()
    {
        ["c"] = cap => Bit(cap.PageWalkCoherency),
        ["qi"] = cap => Bit(cap.QueuedInvalidation),
        ["dt"] = cap => Bit(cap.DeviceTlb),
        ["ir"] = cap => Bit(cap.InterruptRemapping),
        ["eim"] = cap => Bit(cap.ExtendedInterruptMode),
        ["pt"] = cap => Bit(cap.PassThrough),
        ["sc"] = cap => Bit(cap.SnoopControl),
        ["mts"] = cap => Bit(cap.MemoryType),
        ["nest"] = cap => Bit(cap.Nested),
        ["dis"] = cap => Bit(cap.DeferredInvalidation),
        ["prs"] = cap => Bit(cap.PageRequests),
        ["ers"] = cap => Bit(cap.ExecuteRequests),
        ["srs"] = cap => Bit(cap.SupervisorRequests),
        ["nwfs"] = cap => Bit(cap.NoWriteFlag),
        ["eafs"] = cap => Bit(cap.ExtendedAccessed),
        ["pasid"] = cap => Bit(cap.Pasid),
        ["dit"] = cap => Bit(cap.DeviceTlbThrottle),
        ["pds"] = cap => Bit(cap.PageDrain),
        ["smts"] = cap => Bit(cap.ScalableMode),
        ["vcs"] = cap => Bit(cap.VirtualCommand),
        ["slads"] = cap => Bit(cap.SecondStageAccessedDirty),
        ["slts"] = cap => Bit(cap.SecondStage),
        ["flts"] = cap => Bit(cap.FirstStage),
        ["smpwc"] = cap => Bit(cap.ScalableWalkCoherency),
        ["rps"] = cap => Bit(cap.RidPasid),
        ["pms"] = cap => Bit(cap.PerformanceMonitoring),
        ["adms"] = cap => Bit(cap.AbortDma),
        ["rprivs"] = cap => Bit(cap.RidPriv),
        ["iro"] = cap => (ulong)cap.IotlbOffset,
        ["mhmv"] = cap => cap.MaxHandleMask,
        ["pss"] = cap => cap.PasidSize,
    };

    [Fact]
    public void Every_field_of_ept_vpid_cap_is_what_the_oracle_says()
    {
        var findings = new Findings();
        JsonElement rows = Oracle.GetProperty("ept_vpid_cap");
        foreach (JsonElement row in rows.EnumerateArray())
        {
            Check(findings, row, new EptVpidCap(row.GetProperty("raw").Hex()), EptVpidCapFields);
        }

        findings.AssertNone(rows.GetArrayLength());
    }

    [Fact]
    public void Every_field_of_the_vtd_registers_is_what_the_oracle_says()
    {
        var findings = new Findings();
        JsonElement rows = Oracle.GetProperty("vtd");
        foreach (JsonElement row in rows.EnumerateArray())
        {
            JsonElement cap = row.GetProperty("cap");
            JsonElement ecap = row.GetProperty("ecap");
            Check(findings, cap, new VtdCap(cap.GetProperty("raw").Hex()), VtdCapFields, "agaw_levels");
            Check(findings, ecap, new VtdEcap(ecap.GetProperty("raw").Hex()), VtdEcapFields);
        }

        findings.AssertNone(rows.GetArrayLength());
    }

    [Fact]
    public void The_depths_that_a_unit_walks_stand_in_sagaw()
    {
        foreach (JsonElement row in Oracle.GetProperty("vtd").EnumerateArray())
        {
            var cap = new VtdCap(row.GetProperty("cap").GetProperty("raw").Hex());
            int[] levels =
            [
                .. cap.Walk3 ? [3] : Array.Empty<int>(),
                .. cap.Walk4 ? [4] : Array.Empty<int>(),
                .. cap.Walk5 ? [5] : Array.Empty<int>(),
            ];
            Assert.Equal(
                row.GetProperty("cap").GetProperty("agaw_levels").EnumerateArray().Select(level => level.GetInt32()), levels);
        }
    }

    [Theory]
    [InlineData("ept_vpid_cap")]
    [InlineData("ia32_vmx_ept_vpid_cap")]
    public void A_whole_ept_vpid_cap_sets_the_capabilities_of_ept(string register)
    {
        foreach (JsonElement row in Oracle.GetProperty("ept_vpid_cap").EnumerateArray())
        {
            CapabilityValues given = Ept.Description.DefaultCapabilities.With("maxphyaddr", 40).With("mode_based_execute", 1);
            Assert.True(given.TryWithRegister(register, row.GetProperty("raw").Hex(), out CapabilityValues values));
            var expected = new EptCapabilities
            {
                MaxPhyAddr = 40,
                Page2M = row.GetProperty("page_2m").GetBoolean(),
                Page1G = row.GetProperty("page_1g").GetBoolean(),
                ExecOnly = row.GetProperty("execute_only").GetBoolean(),
                Walk5 = row.GetProperty("walk5").GetBoolean(),
                AccessedDirty = row.GetProperty("ad").GetBoolean(),
                ModeBasedExecute = true,
            };
            Assert.Equal(expected, EptCapabilities.From(values));
        }
    }

    [Fact]
    public void Whole_vtd_registers_set_the_capabilities_of_the_second_stage()
    {
        foreach (JsonElement row in Oracle.GetProperty("vtd").EnumerateArray())
        {
            JsonElement cap = row.GetProperty("cap");
            JsonElement ecap = row.GetProperty("ecap");
            CapabilityValues given = VtdSecondStage.Description.DefaultCapabilities.With("haw", 52);
            Assert.True(given.TryWithRegister("cap", cap.GetProperty("raw").Hex(), out CapabilityValues values));
            Assert.True(values.TryWithRegister("ecap", ecap.GetProperty("raw").Hex(), out values));
            var expected = new VtdSecondStageCapabilities
            {
                Haw = 52,
                Page2M = (cap.GetProperty("sllps").GetInt32() & 1) != 0,
                Page1G = (cap.GetProperty("sllps").GetInt32() & 2) != 0,
                SnoopControl = ecap.GetProperty("sc").GetInt32() != 0,
                ExecuteRequests = ecap.GetProperty("ers").GetInt32() != 0,
                AccessedDirty = ecap.GetProperty("slads").GetInt32() != 0,
                MemoryType = ecap.GetProperty("mts").GetInt32() != 0,
                Walk5 = cap.GetProperty("agaw_levels").EnumerateArray().Any(level => level.GetInt32() == 5),
            };
            Assert.Equal(expected, VtdSecondStageCapabilities.From(values));
        }
    }

    /// <summary>CPUID words with every other field set too, so that none is taken for another.</summary>
    [Theory]
    [InlineData("cpuid_8000_0008_eax", 0xff_ff30u, 48, null)]
    [InlineData("cpuid_8000_0008_eax", 0x34u, 52, null)]
    [InlineData("cpuid_8000_001f_ebx", 0xffff_ffefu, 46, 47)]
    [InlineData("cpuid_8000_001f_ebx", 0x16fu, 46, 47)]
    [InlineData("cpuid_8000_001f_ebx", 0xffff_ffc0u, 46, null)]
    public void Cpuid_words_set_the_capabilities_of_nested_paging(string register, uint word, int maxPhyAddr, int? encryptedBit)
    {
        Assert.True(Npt.Description.DefaultCapabilities.TryWithRegister(register, word, out CapabilityValues values));

        NptCapabilities capabilities = NptCapabilities.From(values);
        Assert.Equal((maxPhyAddr, encryptedBit), (capabilities.MaxPhyAddr, capabilities.CBit));
    }

    /// <summary>Bit 20 NX and bit 26 Page1GB, each beside all others.</summary>
    [Theory]
    [InlineData(0x0u, false, false)]
    [InlineData(0xffff_ffffu, true, true)]
    [InlineData(0xffef_ffffu, true, false)]
    [InlineData(0xfbff_ffffu, false, true)]
    [InlineData(0x0400_0000u, true, false)]
    [InlineData(0x0010_0000u, false, true)]
    public void A_cpuid_word_says_whether_there_are_1_GiB_pages_and_execute_rights(uint word, bool page1G, bool noExecute)
    {
        const string Register = "cpuid_8000_0001_edx";
        Assert.True(Npt.Description.DefaultCapabilities.TryWithRegister(Register, word, out CapabilityValues nested));
        Assert.True(X64.Description.DefaultCapabilities.TryWithRegister(Register, word, out CapabilityValues paging));

        Assert.Equal(new NptCapabilities { Page1G = page1G, NoExecute = noExecute }, NptCapabilities.From(nested));
        Assert.Equal(new X64Capabilities { Page1G = page1G, NoExecute = noExecute }, X64Capabilities.From(paging));
    }

    [Theory]
    [InlineData("cpuid_8000_0008_eax", 0u, "maxphyaddr")]
    [InlineData("cpuid_8000_0008_eax", 53u, "maxphyaddr")]
    [InlineData("cpuid_8000_001f_ebx", 31u, "c_bit")]
    [InlineData("cpuid_8000_001f_ebx", 52u, "c_bit")]
    public void A_word_that_no_machine_has_is_refused(string register, uint word, string capability)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(
            () => Npt.Description.DefaultCapabilities.TryWithRegister(register, word, out _));
        Assert.Contains($"capability '{capability}' takes", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_that_a_format_does_not_read_sets_nothing()
    {
        CapabilityValues given = Ept.Description.DefaultCapabilities;
        Assert.False(given.TryWithRegister("ecap", ulong.MaxValue, out CapabilityValues values));
        Assert.Same(given, values);
    }

    private static void Check<TRegister>(
        Findings findings,
        JsonElement row,
        TRegister register,
        Dictionary<string, Func<TRegister, ulong>> fields,
        params string[] others)
    {
        Assert.Equal(
            fields.Keys.Concat(others).Append("raw").Order(), row.EnumerateObject().Select(property => property.Name).Order());
        foreach ((string name, Func<TRegister, ulong> read) in fields)
        {
            JsonElement expected = row.GetProperty(name);
            ulong value = expected.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? expected.BitOrNull()!.Value
                : expected.GetUInt64();
            findings.Expect($"{register}", name, value, read(register));
        }
    }

    private static ulong Bit(bool value) => value ? 1ul : 0;
}
