namespace TdpHw.Benchmarks.Tables;

/// <summary>A guest whose tables are measured.</summary>
/// <param name="Name">What the parameters of a row call it.</param>
/// <param name="Size">How much guest memory is mapped from address 0 on, in bytes.</param>
/// <param name="SmallPagesOneIn">
/// Of so many 2M pages one is mapped in 4K pages; 1 when all are.
/// </param>
internal sealed record GuestShape(string Name, ulong Size, int SmallPagesOneIn)
{
    private const ulong Gib = 1ul << 30;

    public static GuestShape Small { get; } = new("16G in 4K", 16 * Gib, 1);

    public static GuestShape Large { get; } = new("256G in 4K", 256 * Gib, 1);

    public static GuestShape Islands { get; } = new("1T in 2M with 4K islands", 1024 * Gib, 16);

    public static GuestShape Image { get; } = new("1T in 4K", 1024 * Gib, 1);

    /// <summary>How many bytes the tables take.</summary>
    public long TableBytes => 4096 * ((long)(Size >> 21) / SmallPagesOneIn + (long)(Size >> 30) + (long)(Size >> 39) + 2);
}
