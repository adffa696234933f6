using TdpHw.Core.Kvm;

namespace TdpHw.Core.Tests.Kvm;

/// <summary>An importer's code that writes down what it is told.</summary>
/// <param name="marksAccesses">Whether devices set accessed and dirty flags.</param>
internal sealed class RecordingImporter(bool marksAccesses = false) : ITdpImporterOps
{
    /// <summary>Who was told of which flush, in order.</summary>
    public List<(object Data, TdpFlush Flush)> Told { get; } = [];

    public IEnumerable<TdpFlush> Flushes => Told.Select(t => t.Flush);

    public void Invalidate(object data, TdpFlush flush) => Told.Add((data, flush));

    public bool MarksAccesses(object data) => marksAccesses;
}
