namespace TdpHw.Formats;

/// <summary>Which entries a cursor stops at, beside table entries.</summary>
[Flags]
public enum Wanted : byte
{
    /// <summary>None: table entries only.</summary>
    Tables = 0,

    /// <summary>Well-formed leaves.</summary>
    Leaves = 1,

    /// <summary>Entries that hold something and do not translate: not present, reserved or illegal.</summary>
    Specials = 2,

    /// <summary>Both.</summary>
    All = Leaves | Specials,
}
