namespace TdpHw.Benchmarks.Tables;

/// <summary>Numbers that look random and are the same in every run (xorshift64*).</summary>
internal struct Rng(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545_f491_4f6c_dd1d;
    }

    /// <summary>A number below <paramref name="limit"/>, which is far below 2^32.</summary>
    public ulong Below(ulong limit) => (Next() >> 32) * limit >> 32;
}
