using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>What KVM keeps about a table page of the TDP MMU. (Linux 6.7 arch/x86/kvm/mmu/mmu_internal.h, struct kvm_mmu_page.)</summary>
public class TdpPage
{
    /// <summary>How many bits of a frame number a table translates.</summary>
    internal const int IndexBits = 9;

    private readonly TableEntries _entries;

    internal TdpPage(Machine machine, HostPhysicalAddress address, TdpRole role, ulong firstGfn)
    {
        Address = address;
        Role = role;
        Level = role.Level;
        FirstGfn = firstGfn;
        _entries = machine.Memory.EntriesOf(address);
        machine.Memory.SetOwner(address, this);
    }

    /// <summary>Where the table lies.</summary>
    public HostPhysicalAddress Address { get; }

    /// <summary>What it is for.</summary>
    public TdpRole Role { get; private protected set; }

    /// <summary>The level of its entries.</summary>
    public int Level { get; }

    /// <summary>The first guest frame that it translates.</summary>
    public ulong FirstGfn { get; }

    /// <summary>Whether it stands where a huge page may not, because the guest executes from it (NX huge pages).</summary>
    internal bool IsHugePageDisallowed { get; set; }

    /// <summary>How many guest frames one of its entries translates.</summary>
    internal ulong FramesPerEntry => 1ul << (IndexBits * (Level - 1));

    /// <summary>The first guest frame behind an entry.</summary>
    internal ulong GfnOf(int index) => FirstGfn + ((ulong)index << (IndexBits * (Level - 1)));

    /// <summary>Which entry translates a guest frame.</summary>
    internal int IndexOf(ulong gfn) => (int)(gfn >> (IndexBits * (Level - 1))) & (HostMemory.EntriesPerPage - 1);

    /// <summary>Where an entry lies.</summary>
    internal HostPhysicalAddress AddressOf(int index) => new(Address.Value + ((ulong)index * sizeof(ulong)));

    /// <summary>Reads an entry, once.</summary>
    internal ulong Read(int index) => _entries.Read(index);

    /// <summary>Writes an entry of a table that nothing leads to yet, which is no step that others could meet.</summary>
    internal void Prepare(int index, ulong spte) => _entries.Prepare(index, spte);

    /// <summary>Writes an entry with one store.</summary>
    internal void Write(int index, ulong spte) => _entries.Write(index, spte);

    /// <summary>Puts an entry in place of whatever is there.</summary>
    /// <returns>What was there.</returns>
    internal ulong Exchange(int index, ulong spte) => _entries.Exchange(index, spte);

    /// <summary>Changes an entry if it still is what it was read as.</summary>
    internal bool TryChange(int index, ulong expected, ulong changed) => _entries.TryChange(index, expected, changed);
}
