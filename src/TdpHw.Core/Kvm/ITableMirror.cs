using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A table of an importer's own that follows the VM's memory.</summary>
internal interface ITableMirror
{
    /// <summary>Told that a page was mapped for whoever faulted (KVM fills the mirror on the same fault).</summary>
    /// <param name="gfn">The first guest frame of the page.</param>
    /// <param name="frame">Where the page lies.</param>
    /// <param name="level">The page's level.</param>
    /// <param name="isWritable">Whether guest and device may write it.</param>
    /// <returns>EFAULT when the table can't hold such a page; ENOMEM.</returns>
    Errno Map(ulong gfn, HostPhysicalAddress frame, int level, bool isWritable);

    /// <summary>Told that the host takes pages away: they are unmapped and flushed when this returns.</summary>
    /// <returns>How many leaves were unmapped.</returns>
    int Unmap(ulong firstGfn, ulong lastGfn);
}
