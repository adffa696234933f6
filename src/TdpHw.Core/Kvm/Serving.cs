namespace TdpHw.Core.Kvm;

/// <summary>Ways to serve a device's page requests.</summary>
public enum Serving
{
    /// <summary>The device walks the table that KVM exports: the series.</summary>
    Shared,

    /// <summary>The importer has a table of its own and fills it by itself.</summary>
    Separate,

    /// <summary>The importer has a table of its own, and KVM fills both on one fault.</summary>
    Mirrored,
}
