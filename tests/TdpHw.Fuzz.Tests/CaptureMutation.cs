namespace TdpHw.Fuzz.Tests;

/// <summary>Changes to tables that keep their shape: what a bug, a hostile guest or a torn dump leaves behind.</summary>
internal static class CaptureMutation
{
    /// <summary>Makes one to four changes, the same ones for the same <paramref name="random"/>.</summary>
    public static void Apply(MutableCapture capture, Random random)
    {
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            ulong[] page = PageOf(capture, random);
            int index = FilledIndex(page, random);
            switch (random.Next(8))
            {
                case 0 or 1:
                    FlipBits(page, index, random);
                    break;
                case 2:
                    SwapTables(capture, random);
                    break;
                case 3:
                    // Another entry of the same table leads to the same place.
                    page[random.Next(page.Length)] = page[index];
                    break;
                case 4:
                    PointTo(page, index, AddressOf(capture, random));
                    break;
                case 5:
                    PointTo(page, index, AddressOf(capture, page));
                    break;
                case 6:
                    capture.Pages.Remove(AddressOf(capture, random));
                    break;
                default:
                    page[index] = (ulong)random.NextInt64() ^ (ulong)random.Next(2) << 63;
                    break;
            }
        }
    }

    private static void FlipBits(ulong[] page, int index, Random random)
    {
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            page[index] ^= 1ul << random.Next(64);
        }
    }

    private static void SwapTables(MutableCapture capture, Random random)
    {
        ulong first = AddressOf(capture, random);
        ulong second = AddressOf(capture, random);
        (capture.Pages[first], capture.Pages[second]) = (capture.Pages[second], capture.Pages[first]);
    }

    private static void PointTo(ulong[] page, int index, ulong table) =>
        page[index] = (page[index] & ~0x000f_ffff_ffff_f080ul) | table | 7;

    private static ulong AddressOf(MutableCapture capture, ulong[] page) => capture.Pages.First(p => p.Value == page).Key;

    private static ulong AddressOf(MutableCapture capture, Random random) =>
        capture.Pages.Keys.ElementAt(random.Next(capture.Pages.Count));

    private static ulong[] PageOf(MutableCapture capture, Random random) => capture.Pages[AddressOf(capture, random)];

    private static int FilledIndex(ulong[] page, Random random)
    {
        int[] filled = [.. Enumerable.Range(0, page.Length).Where(i => page[i] != 0)];
        return filled.Length == 0 ? random.Next(page.Length) : filled[random.Next(filled.Length)];
    }
}
