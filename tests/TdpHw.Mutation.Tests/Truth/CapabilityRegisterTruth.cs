using System.Text.Json;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Capability registers of real processors and units taken apart, and what they say of the formats.</summary>
internal sealed class CapabilityRegisterTruth : ITruth
{
    private static readonly (string Key, string Member)[] EptVpidCap =
    [
        ("execute_only", "ExecuteOnly"), ("walk4", "Walk4"), ("walk5", "Walk5"), ("mt_uc", "MemoryTypeUc"),
        ("mt_wb", "MemoryTypeWb"), ("page_2m", "Page2M"), ("page_1g", "Page1G"), ("invept", "Invept"), ("ad", "AccessedDirty"),
        ("adv_exit_info", "AdvancedExitInformation"), ("sss", "SupervisorShadowStack"), ("invept_single", "InveptSingleContext"),
        ("invept_all", "InveptAllContext"), ("invvpid", "Invvpid"), ("invvpid_addr", "InvvpidAddress"),
        ("invvpid_single", "InvvpidSingleContext"), ("invvpid_all", "InvvpidAllContext"),
        ("invvpid_single_retain_global", "InvvpidSingleRetainingGlobals"), ("max_hlat_prefix", "MaxHlatPrefix"),
    ];

    private static readonly (string Key, string Member)[] Cap =
    [
        ("afl", "AdvancedFaultLogging"), ("rwbf", "WriteBufferFlush"), ("plmr", "ProtectedLowMemory"),
        ("phmr", "ProtectedHighMemory"), ("cm", "CachingMode"), ("sagaw", "Sagaw"), ("mgaw", "MaxGuestAddressWidth"),
        ("zlr", "ZeroLengthRead"), ("fro", "FaultRecordingOffset"), ("sllps", "LargePages"), ("psi", "PageSelectiveInvalidation"),
        ("nfr", "FaultRecordingRegisters"), ("mamv", "MaxAddressMask"), ("dwd", "DrainWrites"), ("drd", "DrainReads"),
        ("fl1gp", "FirstStage1G"), ("pi", "PostedInterrupts"), ("fl5lp", "FirstStage5Level"), ("ecmds", "EnhancedCommands"),
        ("esirtps", "EnhancedSetInterruptRemapPointer"), ("esrtps", "EnhancedSetRootPointer"),
    ];

    private static readonly (string Key, string Member)[] Ecap =
    [
        ("c", "PageWalkCoherency"), ("qi", "QueuedInvalidation"), ("dt", "DeviceTlb"), ("ir", "InterruptRemapping"),
        ("eim", "ExtendedInterruptMode"), ("pt", "PassThrough"), ("sc", "SnoopControl"), ("mts", "MemoryType"), ("nest", "Nested"),
        ("dis", "DeferredInvalidation"), ("prs", "PageRequests"), ("ers", "ExecuteRequests"), ("srs", "SupervisorRequests"),
        ("nwfs", "NoWriteFlag"), ("eafs", "ExtendedAccessed"), ("pasid", "Pasid"), ("dit", "DeviceTlbThrottle"),
        ("pds", "PageDrain"), ("smts", "ScalableMode"), ("vcs", "VirtualCommand"), ("slads", "SecondStageAccessedDirty"),
        ("slts", "SecondStage"), ("flts", "FirstStage"), ("smpwc", "ScalableWalkCoherency"), ("rps", "RidPasid"),
        ("pms", "PerformanceMonitoring"), ("adms", "AbortDma"), ("rprivs", "RidPriv"), ("iro", "IotlbOffset"),
        ("mhmv", "MaxHandleMask"), ("pss", "PasidSize"),
    ];

    private readonly JsonElement _oracle = Json.Oracle("caps");

    public string Name => "caps";

    public IReadOnlyCollection<string> About { get; } = ["EptVpidCap", "VtdCap", "VtdEcap", "Ept", "VtdSecondStage"];

    public void Check(World world)
    {
        foreach (JsonElement row in _oracle.GetProperty("ept_vpid_cap").EnumerateArray())
        {
            CheckRegister(world.Register("EptVpidCap"), row, EptVpidCap);
            CheckFormat(world.Format("ept"), [("ept_vpid_cap", row)], new()
            {
                ["exec_only"] = row.GetProperty("execute_only"),
                ["walk_5"] = row.GetProperty("walk5"),
                ["page_2m"] = row.GetProperty("page_2m"),
                ["page_1g"] = row.GetProperty("page_1g"),
                ["accessed_dirty"] = row.GetProperty("ad"),
            });
        }

        foreach (JsonElement unit in _oracle.GetProperty("vtd").EnumerateArray())
        {
            JsonElement cap = unit.GetProperty("cap");
            JsonElement ecap = unit.GetProperty("ecap");
            SpecRegister register = world.Register("VtdCap");
            CheckRegister(register, cap, Cap);
            CheckRegister(world.Register("VtdEcap"), ecap, Ecap);
            ulong domains = 1ul << (4 + (2 * (int)register.Read("DomainsLog", cap.GetProperty("raw").Hex())));
            Expect.Equal(cap.GetProperty("nd_domains").GetUInt64(), domains, "cap", "nd_domains");
            CheckUnit(world.Format("vtd-ss"), cap, ecap);
        }
    }

    private static void CheckUnit(SpecFormat format, JsonElement cap, JsonElement ecap)
    {
        CheckFormat(format, [("cap", cap), ("ecap", ecap)], new()
        {
            ["snoop_control"] = ecap.GetProperty("sc"),
            ["execute_requests"] = ecap.GetProperty("ers"),
            ["accessed_dirty"] = ecap.GetProperty("slads"),
            ["memory_type"] = ecap.GetProperty("mts"),
        });
        Dictionary<string, int> told = format.ReadRegister("cap", cap.GetProperty("raw").Hex());
        int pages = cap.GetProperty("sllps").GetInt32();
        bool isDeep = cap.GetProperty("agaw_levels").EnumerateArray().Any(l => l.GetInt32() == 5);
        Expect.Equal(pages & 1, told.GetValueOrDefault("page_2m", -1), "cap", "page_2m");
        Expect.Equal(pages >> 1 & 1, told.GetValueOrDefault("page_1g", -1), "cap", "page_1g");
        Expect.Equal(isDeep ? 1 : 0, told.GetValueOrDefault("walk_5", -1), "cap", "walk_5");
    }

    private static void CheckRegister(SpecRegister register, JsonElement row, (string Key, string Member)[] names)
    {
        ulong raw = row.GetProperty("raw").Hex();
        foreach ((string key, string member) in names)
        {
            Expect.Equal(row.GetProperty(key).NumberOrNull(), register.Read(member, raw), $"0x{raw:x}", member);
        }
    }

    private static void CheckFormat(
        SpecFormat format, (string Register, JsonElement Row)[] registers, Dictionary<string, JsonElement> expected)
    {
        var told = registers
            .SelectMany(r => format.ReadRegister(r.Register, r.Row.GetProperty("raw").Hex()))
            .ToDictionary(t => t.Key, t => t.Value);
        foreach ((string capability, JsonElement value) in expected)
        {
            Expect.Equal((int)value.NumberOrNull()!.Value, told.GetValueOrDefault(capability, -1), format.Spec.Id, capability);
        }
    }
}
