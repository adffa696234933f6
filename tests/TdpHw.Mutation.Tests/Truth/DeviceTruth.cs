using System.Globalization;
using System.Text.Json;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Where EPTP, RTADDR and the AMD-Vi device table lead in the captures: to the roots that were captured.</summary>
internal sealed class DeviceTruth(Capture capture) : ITruth
{
    private const int LowerFunctions = 128;
    private const int PageSize = 4096;

    public string Name => capture.Name + " roots";

    public IReadOnlyCollection<string> About { get; } = capture.Format switch
    {
        "ept" => ["Eptp"],
        "amdv1" => ["AmdViDeviceTableBase", "AmdViDeviceTableEntry", "AmdViEfr"],
        _ =>
        [
            "VtdRtaddr", "VtdRootEntry", "VtdContextEntry", "VtdScalableRootEntry", "VtdScalableContextEntry",
            "VtdPasidDirectoryEntry", "VtdPasidEntry",
        ],
    };

    public void Check(World world)
    {
        switch (capture.Format)
        {
            case "ept":
                CheckEptp(world);
                break;
            case "amdv1":
                CheckDeviceTable(world);
                break;
            default:
                CheckRtaddr(world);
                break;
        }
    }

    private void CheckRtaddr(World world)
    {
        ulong rtaddr = capture.Parameters.GetProperty("rtaddr").Hex();
        ulong mode = world.Register("VtdRtaddr").Read("Mode", rtaddr);
        Expect.Equal(capture.Parameters.GetProperty("root_table_mode").GetUInt64(), mode, capture.Name, "the mode");
        ulong table = world.Register("VtdRtaddr").Read("RootTable", rtaddr);
        foreach (JsonElement device in capture.Roots)
        {
            if (mode == 0)
            {
                CheckLegacy(world, table, device);
            }
            else
            {
                CheckScalable(world, table, device);
            }
        }
    }

    private void CheckEptp(World world)
    {
        ulong eptp = capture.Parameters.GetProperty("eptp").Hex();
        JsonElement root = capture.Roots[0];
        Expect.Equal(root.GetProperty("hpa").Hex(), world.Register("Eptp").Read("Root", eptp), capture.Name, "the root");
        Expect.Equal(root.GetProperty("levels").GetUInt64(), world.Register("Eptp").Read("WalkLength", eptp), capture.Name, "the levels");
        Expect.Equal(
            capture.Parameters.GetProperty("accessed_dirty").NumberOrNull(),
            world.Register("Eptp").Read("AccessedDirty", eptp),
            capture.Name,
            "the accessed and dirty flags");
        Expect.Equal(false, world.Register("Eptp").HasReservedBits(eptp), capture.Name, "a reserved bit");
    }

    private void CheckDeviceTable(World world)
    {
        SpecRegister table = world.Register("AmdViDeviceTableBase");
        ulong devtab = capture.Parameters.GetProperty("devtab").Hex();
        Expect.Equal(capture.Parameters.GetProperty("device_table").Hex(), table.Read("DeviceTable", devtab), capture.Name, "the table");
        Expect.Equal(false, table.HasReservedBits(devtab), capture.Name, "a reserved bit of the table's address");
        SpecRegister entry = world.Register("AmdViDeviceTableEntry");
        ulong size = (ulong)entry.Spec.Bits / 8;
        ulong count = table.Read("Pages", devtab) * PageSize / size;
        ulong deepest = world.Register("AmdViEfr").Read("HostLevels", capture.Parameters.GetProperty("ext_features").Hex());

        // QEMU hw/i386/amd_iommu.h AMDVI_HATS_MODE: 2, which is six levels.
        Expect.Equal(6ul, deepest, capture.Name, "the levels that the unit walks");
        var told = capture.Roots.ToDictionary(Index);
        for (int i = 0; (ulong)i < count; i++)
        {
            (ulong target, ulong[] words) = ReadEntry(entry, table.Read("DeviceTable", devtab), i);
            bool translates = entry.Read("Valid", words) == 1 && entry.Read("TranslationValid", words) == 1 && entry.Read("PagingMode", words) != 0;
            Expect.Equal(told.ContainsKey(i), translates, capture.Name, $"whether entry {i} leads to tables");
            if (translates)
            {
                CheckHostTables(entry, told[i], target, words);
            }
        }

        Expect.Equal(true, told.Keys.All(i => (ulong)i < count), capture.Name, "whether the table has an entry for each device");
    }

    private (ulong Target, ulong[] Words) ReadEntry(SpecRegister entry, ulong table, int index)
    {
        int words = entry.Spec.Bits / 64;
        ulong[] read = capture.Words(table + (ulong)(index * words * sizeof(ulong)), words);
        return (entry.Read("HostTable", read), read);
    }

    // The rows of the capture show that its devices read and write, none of them by guest tables.
    private static void CheckHostTables(SpecRegister entry, JsonElement device, ulong root, ulong[] words)
    {
        string name = device.GetProperty("name").GetString()!;
        Expect.Equal(device.GetProperty("hpa").Hex(), root, name, "the root");
        Expect.Equal(device.GetProperty("levels").GetUInt64(), entry.Read("PagingMode", words), name, "the levels");
        Expect.Equal(device.GetProperty("domain").GetUInt64(), entry.Read("DomainId", words), name, "the domain");
        Expect.Equal(1ul, entry.Read("IoRead", words), name, "reads");
        Expect.Equal(1ul, entry.Read("IoWrite", words), name, "writes");
        Expect.Equal(0ul, entry.Read("GuestTranslationValid", words), name, "guest tables");
        Expect.Equal(false, entry.HasReservedBits(words), name, "a reserved bit");
    }

    private static int Index(JsonElement device)
    {
        (int bus, int function) = Address(device);
        return (bus << 8) | function;
    }

    private void CheckLegacy(World world, ulong table, JsonElement device)
    {
        (int bus, int function) = Address(device);
        ulong contexts = Follow(world, "VtdRootEntry", table, bus, "Present", "ContextTable").Target;
        (ulong root, ulong[] words) = Follow(world, "VtdContextEntry", contexts, function, "Present", "SecondStage");
        Expect.Equal(0ul, world.Register("VtdContextEntry").Read("TranslationType", words), capture.Name, "the translation type");
        CheckRoot(world, "VtdContextEntry", device, root, words);
    }

    private void CheckScalable(World world, ulong table, JsonElement device)
    {
        (int bus, int function) = Address(device);
        string half = function < LowerFunctions ? "Lower" : "Upper";
        ulong contexts = Follow(world, "VtdScalableRootEntry", table, bus, half + "Present", half + "ContextTable").Target;
        (ulong directory, ulong[] context) =
            Follow(world, "VtdScalableContextEntry", contexts, function % LowerFunctions, "Present", "PasidDirectory");
        int pasid = (int)world.Register("VtdScalableContextEntry").Read("RidPasid", context);
        ulong pasids = Follow(world, "VtdPasidDirectoryEntry", directory, pasid >> 6, "Present", "PasidTable").Target;
        (ulong root, ulong[] words) = Follow(world, "VtdPasidEntry", pasids, pasid & 63, "Present", "SecondStage");
        Expect.Equal(2ul, world.Register("VtdPasidEntry").Read("TranslationType", words), capture.Name, "the translation type");
        CheckRoot(world, "VtdPasidEntry", device, root, words);
    }

    private static void CheckRoot(World world, string register, JsonElement device, ulong root, ulong[] words)
    {
        string name = device.GetProperty("name").GetString()!;
        Expect.Equal(device.GetProperty("hpa").Hex(), root, name, "the root");
        Expect.Equal(device.GetProperty("levels").GetUInt64(), world.Register(register).Read("Levels", words), name, "the levels");
        Expect.Equal(device.GetProperty("domain").GetUInt64(), world.Register(register).Read("DomainId", words), name, "the domain");
    }

    private (ulong Target, ulong[] Words) Follow(
        World world, string register, ulong table, int index, string present, string target)
    {
        int size = world.Register(register).Spec.Bits / 64;
        ulong[] words = capture.Words(table + (ulong)(index * size * sizeof(ulong)), size);
        Expect.Equal(1ul, world.Register(register).Read(present, words), register, present);
        Expect.Equal(false, world.Register(register).HasReservedBits(words), register, "a reserved bit");
        return (world.Register(register).Read(target, words), words);
    }

    private static (int Bus, int Function) Address(JsonElement device)
    {
        string[] parts = device.GetProperty("name").GetString()!.Split(':', '.');
        return (Part(0), (Part(1) << 3) | Part(2));

        int Part(int i) => int.Parse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }
}
