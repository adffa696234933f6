using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>
/// The rules of <typeparamref name="TFormat"/> on one machine: its capabilities, resolved into masks and tests for each
/// level. Made once by the format's <c>RulesFor</c>; a walk never asks for a capability.
/// </summary>
/// <typeparam name="TFormat">The format that the rules belong to.</typeparam>
public sealed class FormatRules<TFormat>
    where TFormat : struct, IPageTableFormat<TFormat>
{
    private readonly LevelRules[] _levels;

    /// <summary>Gathers the rules of all levels.</summary>
    /// <param name="capabilities">The capabilities that they were resolved for.</param>
    /// <param name="walks">The depths of walk that these capabilities allow.</param>
    /// <param name="outputBits">How wide an output address may be: a root beyond it is rejected.</param>
    /// <param name="levels">The rules, level 1 first.</param>
    public FormatRules(
        CapabilityValues capabilities,
        ImmutableArray<WalkShape> walks,
        int outputBits,
        params ReadOnlySpan<LevelRules> levels)
    {
        Capabilities = capabilities;
        Walks = walks;
        OutputBits = outputBits;
        _levels = levels.ToArray();
    }

    /// <summary>The capabilities that the rules were resolved for.</summary>
    public CapabilityValues Capabilities { get; }

    /// <summary>The depths of walk that the capabilities allow.</summary>
    public ImmutableArray<WalkShape> Walks { get; }

    /// <summary>How wide an output address may be, in bits.</summary>
    public int OutputBits { get; }

    /// <summary>The highest level that the format has under any capabilities.</summary>
    public int MaxLevel => _levels.Length;

    /// <summary>The rules of <paramref name="level"/>, counted from 1.</summary>
    /// <exception cref="IndexOutOfRangeException">The format has no such level.</exception>
    public LevelRules this[int level]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _levels[level - 1];
    }
}
