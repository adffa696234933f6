using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Kvm;

/// <summary>A processor's page walker, for one format that is known to the vendor alone.</summary>
internal abstract class CpuWalker
{
    /// <summary>Walks the tables below a root.</summary>
    /// <param name="root">The root that the processor has loaded.</param>
    /// <param name="address">The guest-physical address.</param>
    /// <param name="access">What the access needs.</param>
    public abstract WalkResult Walk(TdpRoot root, InputAddress address, Access access);

    /// <summary>Walks as if nothing were cached.</summary>
    public abstract WalkResult WalkUncached(TdpRoot root, InputAddress address, Access access);

    /// <summary>Forgets the tables that a walk of an address would go through.</summary>
    public abstract void Drop(TdpRoot root, InputAddress address);

    /// <summary>Forgets all tables.</summary>
    public abstract void Clear();

    /// <summary>The walker of a format.</summary>
    /// <typeparam name="TFormat">The format.</typeparam>
    /// <param name="machine">Whose memory it walks.</param>
    /// <param name="name">Whose walker it is.</param>
    /// <param name="rules">The format's rules on the host.</param>
    public static CpuWalker Create<TFormat>(Machine machine, string name, FormatRules<TFormat> rules)
        where TFormat : struct, IPageTableFormat<TFormat> => new Of<TFormat>(machine, name, rules);

    private sealed class Of<TFormat>(Machine machine, string name, FormatRules<TFormat> rules) : CpuWalker
        where TFormat : struct, IPageTableFormat<TFormat>
    {
        private readonly HardwareWalker<TFormat> _walker = new(machine, name, StalePlace.CpuPagingStructures);
        private Root<TFormat>? _root;

        public override WalkResult Walk(TdpRoot root, InputAddress address, Access access) =>
            _walker.Walk(root.Address.Value, RootOf(root), address, access, out _);

        public override WalkResult WalkUncached(TdpRoot root, InputAddress address, Access access) =>
            TFormat.Walk(machine.View, RootOf(root), address, access);

        public override void Drop(TdpRoot root, InputAddress address) =>
            _walker.Drop(root.Address.Value, address.Value, address.Value, rules);

        public override void Clear() => _walker.Clear();

        private Root<TFormat> RootOf(TdpRoot root) =>
            _root is not null && _root.Table == root.Address && _root.Levels == root.Level
                ? _root
                : _root = new Root<TFormat>(rules, root.Address, root.Level);
    }
}
