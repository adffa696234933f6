namespace TdpHw.Core.Machines;

/// <summary>The error numbers that the modelled kernel answers with, by their names. (Linux uapi/asm-generic/errno-base.h, errno.h.)</summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>Operation not permitted.</summary>
    EPERM = 1,

    /// <summary>No such entry.</summary>
    ENOENT = 2,

    /// <summary>Bad file descriptor.</summary>
    EBADF = 9,

    /// <summary>Out of memory.</summary>
    ENOMEM = 12,

    /// <summary>Bad address.</summary>
    EFAULT = 14,

    /// <summary>Busy.</summary>
    EBUSY = 16,

    /// <summary>Exists already.</summary>
    EEXIST = 17,

    /// <summary>No such device.</summary>
    ENODEV = 19,

    /// <summary>Invalid argument.</summary>
    EINVAL = 22,

    /// <summary>No space left: no domain number is free.</summary>
    ENOSPC = 28,

    /// <summary>Waits for ever: what the posted code does where it never answers.</summary>
    EDEADLK = 35,

    /// <summary>Not supported.</summary>
    EOPNOTSUPP = 95,
}
