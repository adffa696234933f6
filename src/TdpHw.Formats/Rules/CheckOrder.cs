namespace TdpHw.Formats;

/// <summary>In which order a walk judges an entry; a fact of the format.</summary>
public enum CheckOrder : byte
{
    /// <summary>
    /// A malformed entry is reported whatever the access; rights are judged once, on the whole path.
    /// </summary>
    MalformedFirst,

    /// <summary>
    /// At each entry the right that the access needs is judged first and reserved bits second.
    /// </summary>
    PermissionFirst,
}
