namespace TdpHw.Benchmarks.Ratios;

/// <summary>A row that is wanted: what is measured, against what, and how it has to come out.</summary>
/// <param name="Case">The row's name.</param>
/// <param name="Peer">What it is measured against.</param>
/// <param name="Limit">The largest ratio of our time to the peer's that meets the goal.</param>
internal sealed record Goal(string Case, string Peer, double Limit);
