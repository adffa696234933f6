using TdpHw.Core.Kvm;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>
/// What KVM could tell of an exported nested page table. The series foresees <c>struct kvm_exported_tdp_meta_svm</c> and does not
/// have it: the struct is a draft.
/// </summary>
/// <param name="Value">The struct.</param>
internal sealed record SvmTdpMetadata(KvmExportedTdpMetaSvm Value) : IExportedTdpMetadata
{
    private const int Levels = 5;

    public uint Type => (uint)Value.Type;

    public int SizeInBytes => KvmExportedTdpMetaSvm.SizeInBytes;

    public static SvmTdpMetadata Compose(FormatRules<Npt> rules, TdpRoot root, int maxHugePageLevel, ulong encryptionMask)
    {
        var value = new KvmExportedTdpMetaSvm
        {
            Type = KvmDraftTdpType.Npt,
            Level = root.Level,
            RootHpa = root.Address.Value,
            MaxHugePageLevel = maxHugePageLevel,
            MemoryEncryptionMask = encryptionMask,
        };
        for (int level = 1; level <= Levels; level++)
        {
            value.SetRsvdBitsMask(0, level - 1, level == 1 ? rules[level].LeafReserved : rules[level].TableReserved);
            value.SetRsvdBitsMask(1, level - 1, rules[level].Leaf.IsEmpty ? rules[level].TableReserved : rules[level].LeafReserved);
        }

        return new SvmTdpMetadata(value);
    }

    public void Write(Span<byte> destination) => Value.Write(destination);
}
