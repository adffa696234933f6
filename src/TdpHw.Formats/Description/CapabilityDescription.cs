namespace TdpHw.Formats;

/// <summary>A capability of the hardware that a format's rules depend on.</summary>
public sealed record CapabilityDescription
{
    /// <summary>The name used in definitions, captures and on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>What values it takes.</summary>
    public required CapabilityKind Kind { get; init; }

    /// <summary>The smallest value; 0 for a flag.</summary>
    public int Minimum { get; init; }

    /// <summary>The largest value; 1 for a flag.</summary>
    public int Maximum { get; init; } = 1;

    /// <summary>The value when nothing is said; null for "does without".</summary>
    public int? Default { get; init; }

    /// <summary>The register field that tells it, when there is one.</summary>
    public RegisterField? From { get; init; }

    /// <summary>What it means.</summary>
    public required string Summary { get; init; }

    /// <summary>Where the hardware tells it, and in which manual that stands.</summary>
    public string Source { get; init; } = "";
}
