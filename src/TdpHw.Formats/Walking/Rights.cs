namespace TdpHw.Formats;

/// <summary>Rights that an entry, or all entries along a path, grant.</summary>
[Flags]
public enum Rights : byte
{
    /// <summary>No right.</summary>
    None = 0,

    /// <summary>Data reads.</summary>
    Read = 1,

    /// <summary>Data writes.</summary>
    Write = 2,

    /// <summary>Instruction fetches, in supervisor mode where the format tells the two apart.</summary>
    Execute = 4,

    /// <summary>Instruction fetches in user mode.</summary>
    UserExecute = 8,

    /// <summary>User accesses, where a format has a right for them.</summary>
    User = 16,

    /// <summary>Every right: what a path starts from.</summary>
    All = Read | Write | Execute | UserExecute | User,
}
