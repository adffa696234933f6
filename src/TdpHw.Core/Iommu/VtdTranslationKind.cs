namespace TdpHw.Core.Iommu;

/// <summary>How requests of a device are translated.</summary>
public enum VtdTranslationKind
{
    /// <summary>Not at all: every request is refused.</summary>
    Blocked,

    /// <summary>By the second stage.</summary>
    SecondStage,

    /// <summary>By the first stage.</summary>
    FirstStage,

    /// <summary>By the first stage, whose addresses the second stage translates.</summary>
    Nested,

    /// <summary>They pass as they are.</summary>
    PassThrough,
}
