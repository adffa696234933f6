namespace TdpHw.Memory.Tests;

/// <summary>Reads one entry, and tells from which type of memory.</summary>
internal sealed class FirstEntryVisitor(ulong address) : IImageVisitor<(Type Memory, ulong? Entry)>
{
    public (Type Memory, ulong? Entry) Visit<TMemory>(in TMemory memory)
        where TMemory : struct, IPhysicalMemory =>
        (typeof(TMemory), Entries.Read(memory, address));
}
