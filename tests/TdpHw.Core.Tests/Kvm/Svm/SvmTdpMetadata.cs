using System.Buffers.Binary;
using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>
/// A draft of what KVM could tell of an exported nested page table. The series foresees <c>struct kvm_exported_tdp_meta_svm</c>
/// and does not have it. It has one member more than VMX's, the encryption bit, so that nothing can take it for that one.
/// </summary>
/// <param name="Level">Levels of the walk.</param>
/// <param name="RootHpa">Physical address of the root table.</param>
/// <param name="MaxHugePageLevel">The largest level that holds leaves.</param>
/// <param name="EncryptionMask">The bit of an entry that marks encrypted memory.</param>
internal sealed record SvmTdpMetadata(int Level, ulong RootHpa, int MaxHugePageLevel, ulong EncryptionMask) : IExportedTdpMetadata
{
    /// <summary>The next free value of <c>enum kvm_exported_tdp_type</c>.</summary>
    public const uint TypeNpt = 2;

    private const int Size = 32;

    public uint Type => TypeNpt;

    public int SizeInBytes => Size;

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Type);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], Level);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], RootHpa);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], MaxHugePageLevel);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], EncryptionMask);
    }
}
