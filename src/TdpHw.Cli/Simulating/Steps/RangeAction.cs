namespace TdpHw.Cli.Simulating.Steps;

/// <summary>What KVM can be told to do with a range of guest memory.</summary>
internal enum RangeAction
{
    /// <summary>Clear the accessed state.</summary>
    Age,

    /// <summary>Take the right to write away.</summary>
    WriteProtect,

    /// <summary>Read and clear the log of writes.</summary>
    DirtyLog,

    /// <summary>Track writes, as for shadowed tables.</summary>
    WriteTrack,

    /// <summary>Split huge pages.</summary>
    Split,

    /// <summary>Put huge pages together again.</summary>
    Collapse,

    /// <summary>Zap what was split because it was executed.</summary>
    RecoverNx,
}
