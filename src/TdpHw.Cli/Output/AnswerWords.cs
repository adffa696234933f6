using TdpHw.Formats;

namespace TdpHw.Cli.Output;

/// <summary>The words of answers. Scripts rely on them.</summary>
internal static class AnswerWords
{
    /// <summary>What an entry is.</summary>
    public static string Verdict(EntryKind kind) => kind switch
    {
        EntryKind.Leaf => "mapped",
        EntryKind.Table => "table",
        EntryKind.ReservedBitSet => "reserved",
        EntryKind.IllegalEncoding => "illegal",
        _ => "not-present",
    };

    /// <summary>Which layout an entry has.</summary>
    public static string Layout(EntryLayout layout) => layout switch
    {
        EntryLayout.Leaf => "leaf",
        EntryLayout.Table => "table",
        _ => "not-present",
    };

    /// <summary>How a walk ended.</summary>
    public static string Outcome(WalkOutcome outcome) => outcome switch
    {
        WalkOutcome.Mapped => "mapped",
        WalkOutcome.NotPresent => "not-present",
        WalkOutcome.ReservedBitSet => "reserved",
        WalkOutcome.IllegalEncoding => "illegal",
        WalkOutcome.PermissionDenied => "permission-denied",
        WalkOutcome.AddressTooWide => "address-too-wide",
        _ => "not-in-memory",
    };
}
