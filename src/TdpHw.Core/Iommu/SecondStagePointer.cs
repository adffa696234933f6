using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>What a device's entries are to say of its second stage.</summary>
/// <param name="Root">The root table (SLPTPTR).</param>
/// <param name="Levels">The walk's levels (AW).</param>
/// <param name="Domain">What cached translations are tagged with (DID).</param>
/// <param name="SnoopsPages">Whether all accesses are snooped, whatever the leaves say (PGSNP). Legacy mode has no word for it.</param>
/// <param name="MarksAccesses">Whether the unit sets accessed and dirty flags (SSADE). Legacy mode has no word for it.</param>
internal readonly record struct SecondStagePointer(
    HostPhysicalAddress Root, int Levels, int Domain, bool SnoopsPages, bool MarksAccesses);
