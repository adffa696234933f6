namespace TdpHw.Generators.Binding;

/// <summary>
/// Writes a set of values as few (mask, value) pairs: a value is in the set when it equals one of the values under its mask.
/// </summary>
internal static class ValueCubes
{
    /// <param name="values">The set.</param>
    /// <param name="width">How many bits a value has.</param>
    public static IReadOnlyList<(ulong Mask, ulong Value)> Cover(IEnumerable<ulong> values, int width)
    {
        ulong all = width == 64 ? ulong.MaxValue : (1ul << width) - 1;
        var wanted = new HashSet<ulong>(values);
        var cubes = new HashSet<(ulong Mask, ulong Value)>(wanted.Select(v => (all, v)));
        var primes = new List<(ulong Mask, ulong Value)>();
        while (cubes.Count > 0)
        {
            // Two cubes that differ in one compared bit are one cube that does not compare it.
            var merged = new HashSet<(ulong Mask, ulong Value)>();
            var used = new HashSet<(ulong Mask, ulong Value)>();
            foreach ((ulong mask, ulong value) in cubes)
            {
                for (ulong rest = mask; rest != 0; rest &= rest - 1)
                {
                    ulong bit = rest & (~rest + 1);
                    if (cubes.Contains((mask, value ^ bit)))
                    {
                        merged.Add((mask & ~bit, value & ~bit));
                        used.Add((mask, value));
                    }
                }
            }

            primes.AddRange(cubes.Where(c => !used.Contains(c)));
            cubes = merged;
        }

        var chosen = new List<(ulong Mask, ulong Value)>();
        while (wanted.Count > 0)
        {
            (ulong Mask, ulong Value) best = primes
                .OrderByDescending(c => wanted.Count(v => (v & c.Mask) == c.Value))
                .ThenBy(c => c.Value)
                .ThenBy(c => c.Mask)
                .First();
            wanted.RemoveWhere(v => (v & best.Mask) == best.Value);
            chosen.Add(best);
        }

        return [.. chosen.OrderBy(c => c.Value).ThenBy(c => c.Mask)];
    }
}
