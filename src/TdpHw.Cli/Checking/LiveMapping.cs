using TdpHw.Formats;

namespace TdpHw.Cli.Checking;

/// <summary>An entry that maps nothing to the exporter and would be a live mapping to the importer.</summary>
/// <param name="Address">The first address that it would map.</param>
/// <param name="Rights">What it would grant.</param>
/// <param name="Software">What the exporting software means by it; null for nothing known.</param>
internal sealed record LiveMapping(InputAddress Address, Rights Rights, string? Software);
