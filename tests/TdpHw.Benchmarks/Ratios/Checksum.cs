using TdpHw.Benchmarks.Peers;
using TdpHw.Formats;

namespace TdpHw.Benchmarks.Ratios;

/// <summary>A number that stands for many answers in their order, computed the same way for ours and for those of the peers.</summary>
internal struct Checksum
{
    /// <summary>The sum so far.</summary>
    public ulong Value { get; private set; }

    /// <summary>Takes our answer in.</summary>
    public void Add(in WalkResult result) => Add(
        result.Output.Value, result.Entry, result.EntryAddress.Value, result.Outcome, result.Level, result.Rights, result.PageShift);

    /// <summary>Takes a peer's answer in.</summary>
    public void Add(in PeerResult result) =>
        Add(result.Output, result.Entry, result.Slot, result.Outcome, result.Level, result.Rights, result.Shift);

    /// <summary>Takes our range in.</summary>
    public void Add(in MappedRange range) => Mix(
        range.Address.Value ^ range.Output.Value << 8 ^ range.Size << 20 ^ (ulong)range.Rights << 56 ^ (ulong)range.MemoryType << 61);

    private void Add(ulong output, ulong entry, ulong slot, WalkOutcome outcome, int level, Rights rights, int shift) => Mix(
        output ^ entry ^ slot << 20 ^ ((ulong)outcome | (ulong)level << 8 | (ulong)rights << 16 | (ulong)shift << 24) << 32);

    private void Mix(ulong value) => Value = ((Value ^ value) * 0x9e37_79b9_7f4a_7c15) + 1;
}
