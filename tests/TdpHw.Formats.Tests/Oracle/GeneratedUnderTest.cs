using TdpHw.Formats.Tests.Generated;
using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>The code that was generated from the repository's definitions.</summary>
/// <param name="way">How it walks.</param>
internal sealed class GeneratedUnderTest(WalkWay way) : IDecoderUnderTest
{
    public IRulesUnderTest Resolve(string formatId, IReadOnlyDictionary<string, ulong> capabilities) =>
        new Rules(GeneratedRules.For(formatId, capabilities), way);

    private sealed class Rules(GeneratedRules rules, WalkWay way) : IRulesUnderTest
    {
        public EntryReading Decode(int level, ulong raw) => GeneratedReading.Of(rules, level, raw);

        public ulong ReservedMask(int level, EntryLayout layout) => rules[level].ReservedIn(layout);

        public WalkResult Walk(Func<ulong, ulong?> memory, ulong root, int levels, InputAddress address, Access access) =>
            rules.Walk(way, new FunctionMemory(memory), root, levels, address, access);
    }
}
