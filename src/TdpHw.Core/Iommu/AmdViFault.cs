namespace TdpHw.Core.Iommu;

/// <summary>Why an AMD-Vi unit refuses every request of a device, whatever its address.</summary>
public enum AmdViFault
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>The device table ends before the device's entry.</summary>
    BeyondTable,

    /// <summary>The entry can't be read (DEV_TAB_HARDWARE_ERROR).</summary>
    EntryUnreadable,

    /// <summary>A reserved bit is set in the half of the entry that tells of translation (ILLEGAL_DEV_TABLE_ENTRY).</summary>
    EntryReserved,

    /// <summary>The host tables have more levels than the unit walks (ILLEGAL_DEV_TABLE_ENTRY).</summary>
    LevelsInvalid,

    /// <summary>The entry is valid and tells nothing of translation: TV is clear (IO_PAGE_FAULT).</summary>
    NoTranslation,
}
