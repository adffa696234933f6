using System.Buffers.Binary;
using System.Text.Json;
using TdpHw.Core.Kvm;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>An EPT that an unmodified kernel wrote, with all that is known beside it.</summary>
internal sealed class KvmCapture
{
    private readonly JsonElement _description;

    private KvmCapture(string folder)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "capture.json")));
        _description = document.RootElement.Clone();
        Slots = [.. _description.GetProperty("memslots").EnumerateArray().Select(s => CapturedSlot.Parse(s.GetString()!))];
        MmioExits = [.. _description.GetProperty("mmio_exits").EnumerateArray().Select(s => s.GetString()!)];
        Leaves = CapturedEntry.Read(Path.Combine(folder, "expected.tsv"));
        Specials = CapturedEntry.Read(Path.Combine(folder, "special.tsv"));
        Tables = ReadTables(Path.Combine(folder, "tables.bin"));
        Trace = KernelTrace.Read(Path.Combine(folder, "trace.txt"));
        JsonElement counts = _description.GetProperty("counts");
        Assert.Equal(counts.Number("expected_rows"), Leaves.Count);
        Assert.Equal(counts.Number("special_rows"), Specials.Count);
        Assert.Equal(counts.Number("table_pages"), Tables.Count);
    }

    public IReadOnlyList<CapturedSlot> Slots { get; }

    /// <summary>Exits for emulated MMIO in their order: <c>MMIO address len n write 0|1</c>.</summary>
    public IReadOnlyList<string> MmioExits { get; }

    public IReadOnlyList<CapturedEntry> Leaves { get; }

    public IReadOnlyList<CapturedEntry> Specials { get; }

    /// <summary>The table pages by their addresses.</summary>
    public IReadOnlyDictionary<ulong, ulong[]> Tables { get; }

    public IReadOnlyList<TraceEvent> Trace { get; }

    public ulong Root => _description.GetProperty("roots")[0].Hex("hpa");

    public int Levels => Parameters.Number("levels");

    public bool HasAccessedDirty => Parameters.GetProperty("accessed_dirty").GetBoolean();

    public int MaxPhyAddr => Parameters.Number("maxphyaddr");

    private JsonElement Parameters => _description.GetProperty("parameters");

    public static KvmCapture Open(string name) => new(Captures.PathOf(name));

    /// <summary>
    /// KVM on the capture's processor. Its cache addresses are as wide as its physical ones (capture.json, MMIO entries; the
    /// kernel takes the same number for both unless the firmware hides some).
    /// </summary>
    public VmxVendor CreateVendor()
    {
        var register = new EptVpidCap(Parameters.Hex("ia32_vmx_ept_vpid_cap"));
        var capabilities = new EptCapabilities
        {
            MaxPhyAddr = MaxPhyAddr,
            Page2M = register.Page2M,
            Page1G = register.Page1G,
            ExecOnly = register.ExecuteOnly,
            AccessedDirty = HasAccessedDirty,
        };
        return new VmxVendor(capabilities, "low", MaxPhyAddr);
    }

    /// <summary>The slot with a guest-physical address.</summary>
    public CapturedSlot SlotOf(ulong address) => Slots.Single(s => s.Contains(address));

    private static Dictionary<ulong, ulong[]> ReadTables(string path)
    {
        const int record = sizeof(ulong) + HostMemory.PageSize;
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        Assert.Equal(0, bytes.Length % record);
        var tables = new Dictionary<ulong, ulong[]>();
        for (; !bytes.IsEmpty; bytes = bytes[record..])
        {
            ulong[] entries = new ulong[HostMemory.EntriesPerPage];
            for (int i = 0; i < entries.Length; i++)
            {
                entries[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(sizeof(ulong) * (i + 1))..]);
            }

            tables.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes), entries);
        }

        return tables;
    }
}
