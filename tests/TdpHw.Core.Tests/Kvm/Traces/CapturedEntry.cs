namespace TdpHw.Core.Tests.Kvm.Traces;

/// <summary>A row of <c>expected.tsv</c> or <c>special.tsv</c>.</summary>
/// <param name="Address">The guest-physical address.</param>
/// <param name="Frame">Where it leads; 0 where nowhere.</param>
/// <param name="Level">The entry's level.</param>
/// <param name="Entry">The entry.</param>
/// <param name="Rights">Of R, W and X, with <c>-</c> for what is missing.</param>
/// <param name="Meaning">What KVM means by it; <c>-</c> for a leaf.</param>
internal sealed record CapturedEntry(ulong Address, ulong Frame, int Level, ulong Entry, string Rights, string Meaning)
{
    public bool IsMmio => Meaning == "mmio";

    public bool IsAccessTracked => Meaning == "access-tracked";

    public static IReadOnlyList<CapturedEntry> Read(string path) =>
        [.. File.ReadLines(path).Skip(1).Select(l => Parse(l.Split('\t')))];

    private static CapturedEntry Parse(string[] row) => new(
        Hex(row[1]), row[2] == "-" ? 0 : Hex(row[2]), row[4][0] - '0', Hex(row[5]), row[6], row[9]);

    private static ulong Hex(string text) => Convert.ToUInt64(text[2..], 16);
}
