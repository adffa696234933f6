namespace TdpHw.Formats;

/// <summary>A field of an entry with the value it has there.</summary>
/// <param name="Field">The field.</param>
/// <param name="Value">Its value; for an address, the bits that count, at their place in the entry.</param>
public sealed record DecodedField(FieldDescription Field, ulong Value);
