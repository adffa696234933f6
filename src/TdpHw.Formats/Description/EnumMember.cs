namespace TdpHw.Formats;

/// <summary>A named value of a field.</summary>
/// <param name="Value">The value.</param>
/// <param name="Name">Its name.</param>
/// <param name="Summary">What it means.</param>
public sealed record EnumMember(ulong Value, string Name, string Summary);
