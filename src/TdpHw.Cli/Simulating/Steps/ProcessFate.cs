namespace TdpHw.Cli.Simulating.Steps;

/// <summary>What happens with the VM's process.</summary>
internal enum ProcessFate
{
    /// <summary>System calls come from it again.</summary>
    Own,

    /// <summary>System calls come from another process.</summary>
    Other,

    /// <summary>It ends, and its memory with it.</summary>
    Exit,
}
