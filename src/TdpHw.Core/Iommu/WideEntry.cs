using TdpHw.Formats;

namespace TdpHw.Core.Iommu;

/// <summary>Entries of several words in memory that others write.</summary>
internal static class WideEntry
{
    /// <summary>
    /// Reads an entry as one: hardware fetches it whole, while software writes it word by word, the one with the present bit first
    /// where it takes an entry away and last where it makes one. An entry that was taken away and made again in between, with the
    /// same first word, is not told from one that stayed.
    /// </summary>
    /// <returns>Whether all of it is in memory.</returns>
    public static bool TryRead<TMemory>(in TMemory memory, HostPhysicalAddress table, int index, Span<ulong> words)
        where TMemory : struct, IPhysicalMemory
    {
        ulong start = table.Value + ((ulong)(index * words.Length) * sizeof(ulong));
        ulong first;
        do
        {
            for (int i = 0; i < words.Length; i++)
            {
                if (!memory.TryReadEntry(new(start + ((ulong)i * sizeof(ulong))), out words[i]))
                {
                    return false;
                }
            }

            if (words.Length == 1)
            {
                return true;
            }
        }
        while (memory.TryReadEntry(new(start), out first) && first != words[0]);
        return true;
    }
}
