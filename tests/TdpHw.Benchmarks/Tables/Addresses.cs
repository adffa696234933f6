namespace TdpHw.Benchmarks.Tables;

/// <summary>Guest addresses to translate.</summary>
internal static class Addresses
{
    /// <summary>Anywhere in the guest.</summary>
    public static ulong[] Random(GuestShape shape, int count)
    {
        var rng = new Rng(0xfeed_f00d_1234_5678);
        var addresses = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            addresses[i] = rng.Next() & (shape.Size - 1);
        }

        return addresses;
    }

    /// <summary>Clusters of neighbouring pages, anywhere in the guest.</summary>
    public static ulong[] Clustered(GuestShape shape, int count, int pagesPerCluster)
    {
        var rng = new Rng(0xfeed_f00d_1234_5678);
        var addresses = new ulong[count];
        ulong address = 0;
        for (int i = 0; i < count; i++)
        {
            address = i % pagesPerCluster == 0 ? rng.Next() & (shape.Size - 1) & ~0xffful : (address + 4096) & (shape.Size - 1);
            addresses[i] = address;
        }

        return addresses;
    }
}
