namespace TdpHw.Formats;

/// <summary>What an access wants to do at the address that it translates.</summary>
public enum Access : byte
{
    /// <summary>Nothing: translate only, whatever the rights.</summary>
    None,

    /// <summary>A data read.</summary>
    Read,

    /// <summary>A data write.</summary>
    Write,

    /// <summary>An instruction fetch, in supervisor mode where the format tells the two apart.</summary>
    Execute,

    /// <summary>An instruction fetch in user mode; where the format does not tell, the same as <see cref="Execute"/>.</summary>
    UserExecute,
}
