namespace TdpHw.Core.Sharing;

/// <summary>A finding with how often it was met and what can be done about it.</summary>
/// <param name="Finding">What stands in the way.</param>
/// <param name="Count">How many entries have it; 0 when only the definitions allow it, which is a warning.</param>
/// <param name="Reachable">How many of them a walk of the importer's hardware reaches as the tables stand.</param>
/// <param name="Cure">What would remove it.</param>
public sealed record ShareReason(ShareFinding Finding, long Count, long Reachable, string Cure);
