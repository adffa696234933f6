using System.Collections.Immutable;
using TdpHw.Core.Machines;

namespace TdpHw.Core.Iommu;

public sealed partial class VtdUnit
{
    private const int RememberedInvalidations = 64;

    private readonly Lock _logLock = new();
    private readonly Queue<InvalidationDescriptor> _log = new(RememberedInvalidations);

    /// <summary>The last descriptors that the unit was given, the oldest first; 64 at the most.</summary>
    public ImmutableArray<InvalidationDescriptor> LastInvalidations
    {
        get
        {
            _machine.Interleaving?.Before(_log, 0, writes: false);
            lock (_logLock)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>
    /// Gives the unit a descriptor and waits until it is done: when this returns, no request uses what was dropped, nor is one on
    /// its way that did.
    /// </summary>
    public void Submit(InvalidationDescriptor descriptor)
    {
        _machine.Counters.AddInvalidation();
        _machine.Report(
            MachineEventKind.Invalidation,
            Name,
            descriptor.First.Value,
            unchecked(descriptor.Last.Value - descriptor.First.Value + 1) is var size and not 0 ? size : ulong.MaxValue,
            descriptor.ToString());
        _machine.Interleaving?.Before(_log, 0, writes: true);
        lock (_logLock)
        {
            if (_log.Count == RememberedInvalidations)
            {
                _log.Dequeue();
            }

            _log.Enqueue(descriptor);
        }

        if (descriptor.Kind != InvalidationKind.DeviceTlb)
        {
            Drop(descriptor);
            return;
        }

        _machine.Interleaving?.Before(_devices, 0, writes: false);
        if (_devices.TryGetValue(descriptor.Device, out DmaDevice? device))
        {
            device.DropTranslations(descriptor.First, descriptor.Last);
        }
    }

    private void Drop(in InvalidationDescriptor descriptor)
    {
        using SharedGate.Held held = _gate.EnterExclusive();
        var tag = (ulong)descriptor.Domain;
        switch (descriptor.Kind)
        {
            case InvalidationKind.Iotlb:
                _iotlb.Clear();
                _walker.Clear();
                break;

            case InvalidationKind.IotlbDomain:
                _iotlb.Drop(tag);
                _walker.Drop(tag);
                break;

            case InvalidationKind.IotlbPages:
                _iotlb.Drop(tag, descriptor.First.Value, descriptor.Last.Value);
                if (!descriptor.LeavesOnly)
                {
                    _walker.Drop(tag, descriptor.First.Value, descriptor.Last.Value, Rules);
                }

                break;

            default:
                // Entries are read for each request; what remains is to wait for those that read the old ones.
                _roots.Clear();
                break;
        }
    }
}
