using System.Collections.Immutable;

namespace TdpHw.Memory;

/// <summary>What a <c>capture.json</c> says, as far as it matters here.</summary>
/// <param name="FormatId">The id of the tables' format.</param>
/// <param name="Parameters">The parameters in the file's order.</param>
/// <param name="Roots">The roots in the file's order.</param>
/// <param name="TablesSha256">The SHA-256 that <c>tables.bin</c> must have, or null when none is given.</param>
internal sealed record CaptureDescription(
    string FormatId,
    ImmutableArray<ImageParameter> Parameters,
    ImmutableArray<ImageRoot> Roots,
    byte[]? TablesSha256);
