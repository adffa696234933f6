using TdpHw.Core.Kvm;
using TdpHw.Core.Sharing;
using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Kvm.Svm;

/// <summary>
/// The driver of an AMD-Vi unit that walks tables of the processors' shape (AMD I/O Virtualization Technology specification,
/// "v2" tables), as far as an import goes: what it is told is checked before the table is loaded.
/// </summary>
/// <param name="width">How wide the unit's physical addresses are.</param>
internal sealed class ImporterOfX64Tables(int width) : ITdpImporterOps
{
    private readonly FormatRules<X64> _rules = X64.RulesFor(new X64Capabilities { MaxPhyAddr = width });

    /// <summary>The flushes that it was told of.</summary>
    public List<TdpFlush> Flushes { get; } = [];

    public void Invalidate(object data, TdpFlush flush) => Flushes.Add(flush);

    public bool MarksAccesses(object data) => true;

    /// <summary>Whether all that the unit reserves in the walk's levels is promised to be zero.</summary>
    public Errno Check(IExportedTdpMetadata? metadata)
    {
        if (metadata is not SvmTdpMetadata { Value: var told } || told.Type != KvmDraftTdpType.Npt)
        {
            return Errno.EINVAL;
        }

        for (int level = 1; level <= told.Level; level++)
        {
            LevelRules mine = _rules[level];
            bool isCovered = (mine.TableReserved & ~told.GetRsvdBitsMask(0, level - 1)) == 0
                && (mine.LeafReserved & ~told.GetRsvdBitsMask(1, level - 1)) == 0;
            if (!isCovered)
            {
                return Errno.EOPNOTSUPP;
            }
        }

        return Errno.None;
    }

    /// <summary>Where the unit would send a device's access.</summary>
    public WalkResult Walk(TestVm vm, TdpFd fd, ulong address, Access access) =>
        X64.Walk(vm.Machine.View, RootOf(fd), new InputAddress(address), access);

    /// <summary>What the check of all entries says of the table as it stands.</summary>
    public ShareReport Judge(TestVm vm, TdpFd fd, FormatRules<Npt> exporter)
    {
        OverlayDescription overlay = KvmNpt.Description;
        var root = new Root<Npt>(exporter, fd.Root!.Address, fd.Root.Level);
        return ShareCheck.Run(vm.Machine.View, [root], exporter, overlay, overlay.Variants[0], _rules);
    }

    private Root<X64> RootOf(TdpFd fd) => new(_rules, fd.Root!.Address, fd.Root.Level);
}
