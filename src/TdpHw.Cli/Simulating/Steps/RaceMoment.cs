namespace TdpHw.Cli.Simulating.Steps;

/// <summary>When a step that was kept for later is done.</summary>
internal enum RaceMoment
{
    /// <summary>In the next device fault, between looking the page up and mapping it.</summary>
    Fault,

    /// <summary>When the next imported table is destroyed, in the middle of that.</summary>
    Destroy,
}
