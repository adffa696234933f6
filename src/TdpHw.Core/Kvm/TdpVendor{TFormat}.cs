using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A vendor whose processors walk tables of a format: what another vendor derives from.</summary>
/// <typeparam name="TFormat">The format.</typeparam>
/// <param name="rules">The format's rules on the host.</param>
public abstract class TdpVendor<TFormat>(FormatRules<TFormat> rules) : TdpVendor
    where TFormat : struct, IPageTableFormat<TFormat>
{
    /// <summary>The format's rules on the host.</summary>
    public FormatRules<TFormat> Rules { get; } = rules;

    /// <inheritdoc/>
    public override int AddressBits => Rules.OutputBits;

    /// <inheritdoc/>
    public override int MaxHugePageLevel { get; } = Enumerable.Range(1, PageFault.MaxHugePageLevel)
        .Last(level => rules[level].Leaf.Any(r => r.Supported));

    internal sealed override CpuWalker CreateWalker(Machine machine, string name) => CpuWalker.Create(machine, name, Rules);
}
