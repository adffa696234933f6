using TdpHw.Core.Machines;
using TdpHw.Formats;

namespace TdpHw.Core.Tests.Interleavings;

/// <summary>Walks through one link to a table, which is taken out at the same time.</summary>
internal sealed class ReadSideWorld : World
{
    private readonly Machine _machine;
    private readonly ReadSide _side;
    private readonly SharedValue<HostPhysicalAddress?> _link;

    public ReadSideWorld(Interleaving interleaving, int tables)
    {
        _machine = new Machine(SharingMode.Strict, interleaving);
        _side = new ReadSide(_machine, isSteppedInside: true);
        _link = new(interleaving, null);
        HostPhysicalAddress[] all = [.. Enumerable.Range(0, tables).Select(_ => Allocate())];
        _link.Value = all[0];
        Operations = [new("first", Walk), new("second", Walk), new("replace", () => Replace(all))];
    }

    public override IReadOnlyList<Operation> Operations { get; }

    public override void CheckEnd()
    {
        Assert.Equal(0, _machine.Memory.TableCount);
        Walk();
    }

    private HostPhysicalAddress Allocate()
    {
        Assert.True(_machine.TryAllocateTable(out HostPhysicalAddress table));
        return table;
    }

    private void Walk()
    {
        using ReadSide.Walk walk = _side.Enter();
        if (_link.Value is HostPhysicalAddress table)
        {
            Assert.True(_machine.Memory.IsTable(table), "the table is freed under the walk");
        }
    }

    private void Replace(HostPhysicalAddress[] tables)
    {
        for (int i = 0; i < tables.Length; i++)
        {
            _link.Value = i + 1 < tables.Length ? tables[i + 1] : null;
            _side.Retire(tables[i]);
        }
    }
}
