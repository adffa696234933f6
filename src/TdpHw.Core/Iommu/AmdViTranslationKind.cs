namespace TdpHw.Core.Iommu;

/// <summary>How an AMD-Vi unit translates requests of a device that carry no PASID.</summary>
public enum AmdViTranslationKind
{
    /// <summary>Not at all: every request is refused.</summary>
    Blocked,

    /// <summary>By host tables in AMD-Vi's own format (v1).</summary>
    Host,

    /// <summary>By host tables in another format.</summary>
    OtherHost,

    /// <summary>By guest tables (v2), which the guest CR3 table leads to.</summary>
    Guest,

    /// <summary>By guest tables, whose addresses the host tables translate.</summary>
    Nested,

    /// <summary>They pass as they are.</summary>
    PassThrough,
}
