using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A range of guest memory to be made.</summary>
/// <param name="Start">Its first guest-physical address, a multiple of 4096.</param>
/// <param name="Size">Its size in bytes, a multiple of 4096.</param>
/// <param name="BackingLevel">The size of the host's pages behind it: 1 for 4 KiB, 2 for 2 MiB, 3 for 1 GiB.</param>
/// <param name="IsReadOnly">Whether the guest may only read it.</param>
/// <param name="LogsDirty">Whether writes are logged.</param>
/// <param name="IsPrivate">Whether KVM keeps it to itself.</param>
public readonly record struct MemorySlotSettings(
    InputAddress Start,
    ulong Size,
    int BackingLevel = 1,
    bool IsReadOnly = false,
    bool LogsDirty = false,
    bool IsPrivate = false);
