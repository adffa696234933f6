using TdpHw.Core.Iommu;

namespace TdpHw.Cli.Devices;

/// <summary>The words of answers about devices of an AMD-Vi unit. Scripts rely on them.</summary>
internal static class AmdViWords
{
    /// <summary>How requests are translated.</summary>
    public static string Of(AmdViTranslationKind kind) => kind switch
    {
        AmdViTranslationKind.Host => "host",
        AmdViTranslationKind.OtherHost => "other-host",
        AmdViTranslationKind.Guest => "guest",
        AmdViTranslationKind.Nested => "nested",
        AmdViTranslationKind.PassThrough => "pass-through",
        _ => "blocked",
    };

    /// <summary>A fault in one word.</summary>
    public static string Of(AmdViFault fault) => fault switch
    {
        AmdViFault.BeyondTable => "beyond-table",
        AmdViFault.EntryUnreadable => "unreadable",
        AmdViFault.EntryReserved => "reserved",
        AmdViFault.LevelsInvalid => "levels",
        AmdViFault.NoTranslation => "no-translation",
        _ => "-",
    };

    /// <summary>What a fault means.</summary>
    public static string MeaningOf(AmdViFault fault) => fault switch
    {
        AmdViFault.BeyondTable => "the device table ends before its entry",
        AmdViFault.EntryUnreadable => "its device-table entry is not in memory",
        AmdViFault.EntryReserved => "a reserved bit is set in its device-table entry",
        AmdViFault.LevelsInvalid => "its host tables have more levels than the unit walks",
        AmdViFault.NoTranslation => "its device-table entry tells nothing of translation: TV is clear",
        _ => "none",
    };

    /// <summary>Why no v1 host tables translate for a device.</summary>
    public static string WhyNone(AmdViDevice device) => device.Kind switch
    {
        _ when device.Fault != AmdViFault.None => $"its requests are refused: {MeaningOf(device.Fault)}",
        AmdViTranslationKind.PassThrough => "its requests pass through untranslated",
        AmdViTranslationKind.Blocked => "its device-table entry allows neither reads nor writes",
        AmdViTranslationKind.Guest => "its requests go through guest tables, which are not walked",
        _ => "they are not in the v1 format",
    };
}
