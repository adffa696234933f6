using TdpHw.Formats.Tests.Interpreter;

namespace TdpHw.Formats.Tests.Oracle;

/// <summary>A format on one machine, as something that outside truth is held against.</summary>
internal interface IRulesUnderTest
{
    /// <summary>Says all there is to say of an entry.</summary>
    EntryReading Decode(int level, ulong raw);

    /// <summary>The bits that must be zero, in a layout that entries of the level can have.</summary>
    ulong ReservedMask(int level, EntryLayout layout);

    /// <summary>Translates one address; <paramref name="memory"/> gives null where there is none.</summary>
    WalkResult Walk(Func<ulong, ulong?> memory, ulong root, int levels, InputAddress address, Access access);
}
