namespace TdpHw.Memory.Tests;

/// <summary>A test of file permissions, which do not bind root.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnprivilegedUnixFactAttribute : FactAttribute
{
    public UnprivilegedUnixFactAttribute()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Skip = "needs a user whom file permissions bind";
        }
    }
}
