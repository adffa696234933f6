namespace TdpHw.Generators.Model;

/// <summary>What a field is to generic code.</summary>
internal enum FieldRole
{
    None,
    Address,
    Accessed,
    Dirty,
    MemoryType,
}
