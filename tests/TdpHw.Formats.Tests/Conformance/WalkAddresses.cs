namespace TdpHw.Formats.Tests.Conformance;

/// <summary>Addresses to translate in tests.</summary>
internal static class WalkAddresses
{
    /// <summary>Addresses all over, neighbours of them, the first, the last and some that are too wide.</summary>
    public static IEnumerable<InputAddress> AllOver(Machine machine, WalkShape walk, Random random, int count)
    {
        int inputBits = walk.InputBits;
        ulong highest = ulong.MaxValue >> (64 - inputBits);
        yield return new(0);
        yield return new(highest);
        yield return new(highest + 1);
        yield return new(ulong.MaxValue);
        ulong last = 0;
        for (int i = 0; i < count; i++)
        {
            // A neighbour shares all but the lowest bits with the address before.
            ulong changed = ulong.MaxValue >> (random.Next(2) == 0 ? 64 - inputBits : 64 - random.Next(1, inputBits));
            last = (last & ~changed) | ((ulong)random.NextInt64() & changed & highest);
            yield return new(random.Next(16) == 0 ? last : machine.Canonical(walk, last));
        }
    }
}
