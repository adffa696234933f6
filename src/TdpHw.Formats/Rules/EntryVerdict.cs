namespace TdpHw.Formats;

/// <summary>What an entry is, apart from its reserved bits and its address.</summary>
/// <param name="Reserved">The bits that are reserved in its layout; when one is set, that is what the entry is.</param>
/// <param name="Kind">What it is when no reserved bit is set.</param>
/// <param name="Rights">The rights that it grants by itself.</param>
internal readonly record struct EntryVerdict(ulong Reserved, EntryKind Kind, Rights Rights);
