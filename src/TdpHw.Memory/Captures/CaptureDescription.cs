using System.Collections.Immutable;

namespace TdpHw.Memory;

/// <summary>What a <c>capture.json</c> says, as far as it matters here.</summary>
/// <param name="FormatId">The id of the tables' format.</param>
/// <param name="Parameters">The parameters in the file's order.</param>
/// <param name="Roots">The roots in the file's order.</param>
/// <param name="Sha256">
/// The SHA-256 that files of the folder must have, by name; null for what is none, which matters only if the file is there.
/// </param>
internal sealed record CaptureDescription(
    string FormatId,
    ImmutableArray<ImageParameter> Parameters,
    ImmutableArray<ImageRoot> Roots,
    ImmutableDictionary<string, byte[]?> Sha256);
