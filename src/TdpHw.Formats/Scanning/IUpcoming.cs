namespace TdpHw.Formats;

/// <summary>What is fetched from memory while entries are gone through.</summary>
internal interface IUpcoming
{
    /// <summary>Fetches on, before entries are gone through.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="entries">How many there are, 64 but at the end of a table.</param>
    void Pass(ref readonly ulong first, int entries);
}
