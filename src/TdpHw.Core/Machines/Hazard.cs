namespace TdpHw.Core.Machines;

/// <summary>
/// What can go wrong in the series "Sharing KVM TDP to IOMMU" (Yan Zhao, RFC of 2 December 2023) as it was posted. The numbers
/// are those of the table in <c>src/TdpHw.Core/README.md</c>, which says what the strict mode does about each, and on which side.
/// </summary>
public enum Hazard
{
    /// <summary>An MMIO entry of the EPT is a live, writable mapping to a VT-d unit (patches 24 and 32).</summary>
    MmioIsMapped = 1,

    /// <summary>A device fault on a page that is mapped already is answered with a failure (patch 37).</summary>
    SpuriousFaultFails = 2,

    /// <summary>A ranged flush says "only leaves changed" though tables were freed (patch 22).</summary>
    FlushKeepsFreedTables = 3,

    /// <summary>Importers are told apart by their code alone, so that a second one takes the first one's place (patches 06, 14).</summary>
    ImportersConfused = 4,

    /// <summary>A domain is freed before it is unregistered (patch 14).</summary>
    DomainFreedFirst = 5,

    /// <summary>The zap at the end of an address space flushes nothing (patch 36).</summary>
    ExitWithoutFlush = 6,

    /// <summary>A device fault on a poisoned page is retried for ever (patch 37).</summary>
    PoisonRetriedForEver = 7,

    /// <summary>Two creations at once both succeed (patch 04).</summary>
    CreationRaces = 8,

    /// <summary>Widths and page sizes are compared in different units (patch 18).</summary>
    CapabilitiesMisjudged = 9,

    /// <summary>Only bit 11 is compared where the importer's whole mask should be (patch 21).</summary>
    ReservedBitsUnchecked = 10,

    /// <summary>Misaligned and very large flushes are dropped or cut (patch 22).</summary>
    FlushDropped = 11,

    /// <summary>Non-coherent DMA that arrives after the export is let in (patch 35).</summary>
    LateNoncoherentDma = 12,

    /// <summary>Device writes are invisible to dirty logging, device reads to aging (patch 18).</summary>
    AccessesUnseen = 13,

    /// <summary>Page requests for addresses with bit 47 set are refused as not canonical (patch 23).</summary>
    HighAddressesRefused = 14,

    /// <summary>Detaching switches page requests off under another user (patch 16).</summary>
    PageRequestsSwitchedOff = 15,

    /// <summary>A retried device fault goes on with what the first try decided (patch 37).</summary>
    StaleFaultState = 17,

    /// <summary>Memory that KVM keeps to itself becomes reachable by devices (patches 35, 37).</summary>
    PrivateMemoryExposed = 19,

    /// <summary>The width of the export is not looked at again when a narrower vCPU arrives (patch 35).</summary>
    WidthFrozen = 20,

    /// <summary>Putting the export zaps its tables and flushes nothing (patch 35).</summary>
    PutWithoutFlush = 22,

    /// <summary>The caches of the export are never freed (patch 35).</summary>
    CachesNeverFreed = 23,

    /// <summary>vCPUs of another width silently do not share the exported root (patch 30).</summary>
    WidthsDiffer = 24,

    /// <summary>A vCPU without CPUID makes the export fail although a vCPU exists (patch 35).</summary>
    NoCpuid = 25,
}
