using System.Globalization;
using System.Text.Json;
using TdpHw.Mutation.Tests.Definitions;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Where EPTP and RTADDR lead in the captures: to the roots that were captured.</summary>
internal sealed class DeviceTruth(Capture capture) : ITruth
{
    private const int LowerFunctions = 128;

    public string Name => capture.Name + " roots";

    public IReadOnlyCollection<string> About { get; } = capture.Format == "ept" ? ["Eptp"]
        :
        [
            "VtdRtaddr", "VtdRootEntry", "VtdContextEntry", "VtdScalableRootEntry", "VtdScalableContextEntry",
            "VtdPasidDirectoryEntry", "VtdPasidEntry",
        ];

    public void Check(World world)
    {
        if (capture.Format == "ept")
        {
            CheckEptp(world);
            return;
        }

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
