using System.Collections.Immutable;

namespace TdpHw.Core.Machines;

/// <summary>
/// How faithful the model is: which hazards of the series it closes. <see cref="AsPosted"/> closes none and replays what the
/// posted code does; <see cref="Strict"/> closes all; <see cref="Closing"/> is for experiments with single ones.
/// </summary>
public sealed class SharingMode
{
    private readonly ImmutableHashSet<Hazard> _closed;

    private SharingMode(string name, ImmutableHashSet<Hazard> closed)
    {
        Name = name;
        _closed = closed;
    }

    /// <summary>The series as it was posted, bug for bug.</summary>
    public static SharingMode AsPosted { get; } = new("as-posted", []);

    /// <summary>Every hazard closed.</summary>
    public static SharingMode Strict { get; } = new("strict", [.. Enum.GetValues<Hazard>()]);

    /// <summary>The mode's name.</summary>
    public string Name { get; }

    /// <summary>The series with only some hazards closed.</summary>
    public static SharingMode Closing(params ReadOnlySpan<Hazard> hazards) => new("partly strict", [.. hazards]);

    /// <summary>Whether <paramref name="hazard"/> is closed.</summary>
    public bool Closes(Hazard hazard) => _closed.Contains(hazard);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
