namespace TdpHw.Formats;

/// <summary>Nothing is fetched: for a table that is gone through by itself.</summary>
internal readonly struct NothingUpcoming : IUpcoming
{
    /// <inheritdoc/>
    public void Pass(ref readonly ulong first, int entries)
    {
    }
}
