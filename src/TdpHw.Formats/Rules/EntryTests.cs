using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>Up to <see cref="Capacity"/> tests in place, without an array behind them.</summary>
public struct EntryTests : IEquatable<EntryTests>
{
    /// <summary>How many tests a rule of one level can have.</summary>
    public const int Capacity = 6;

    private Slots _slots;

    /// <summary>Holds the given tests in their order.</summary>
    /// <exception cref="ArgumentException">More than <see cref="Capacity"/> tests.</exception>
    public EntryTests(params ReadOnlySpan<EntryTest> tests)
    {
        if (tests.Length > Capacity)
        {
            throw new ArgumentException($"A level has at most {Capacity} tests of a kind, not {tests.Length}.", nameof(tests));
        }

        Count = tests.Length;
        for (int i = 0; i < tests.Length; i++)
        {
            _slots[i] = tests[i];
        }
    }

    /// <summary>Holds one test; a span of one is compiled anew in each process.</summary>
    public EntryTests(EntryTest test)
    {
        Count = 1;
        _slots[0] = test;
    }

    /// <summary>How many tests there are.</summary>
    public int Count { get; }

    /// <summary>The test at <paramref name="index"/>.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="index"/> is not below <see cref="Capacity"/>.</exception>
    public readonly EntryTest this[int index] => _slots[index];

    /// <summary>The tests, in place.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<EntryTest> Tests => ((ReadOnlySpan<EntryTest>)_slots)[..Count];

    /// <summary>Whether <paramref name="entry"/> passes at least one test.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool AnyMatches(ulong entry)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_slots[i].Matches(entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public readonly bool Equals(EntryTests other)
    {
        ReadOnlySpan<EntryTest> mine = _slots;
        ReadOnlySpan<EntryTest> others = other._slots;
        return Count == other.Count && mine[..Count].SequenceEqual(others[..Count]);
    }

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is EntryTests other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode()
    {
        var hash = new HashCode();
        for (int i = 0; i < Count; i++)
        {
            hash.Add(_slots[i]);
        }

        return hash.ToHashCode();
    }

    /// <summary>Whether both hold the same tests in the same order.</summary>
    public static bool operator ==(EntryTests left, EntryTests right) => left.Equals(right);

    /// <summary>Whether they hold different tests.</summary>
    public static bool operator !=(EntryTests left, EntryTests right) => !left.Equals(right);

    [InlineArray(Capacity)]
    private struct Slots
    {
        private EntryTest _first;
    }
}
