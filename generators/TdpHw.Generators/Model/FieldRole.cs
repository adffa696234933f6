namespace TdpHw.Generators.Model;

/// <summary>What a field is to generic code.</summary>
internal enum FieldRole
{
    None,
    Address,
    AddressHigh,
    Accessed,
    Dirty,
    MemoryType,
    NextLevel,
}
