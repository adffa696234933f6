using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TdpHw.Cli.Tests.Images;

/// <summary>
/// A capture as the intel-iommu driver would print it in <c>domain_translation_struct</c>: pages walked and rows formatted
/// as its <c>pgtable_walk_level</c> and <c>dump_page</c> do, knowing nothing of this program's own walks.
/// </summary>
internal sealed class TranslationDump
{
    private readonly Dictionary<ulong, byte[]> _pages;
    private readonly StringBuilder _text = new();
    private readonly ulong[] _path = new ulong[6];

    private TranslationDump(string capture) => _pages = Capture.Pages(capture).ToDictionary(p => p.Address, p => p.Page);

    public static string Of(string capture, bool isScalable)
    {
        var dump = new TranslationDump(capture);
        using JsonDocument told = JsonDocument.Parse(Capture.Expected(capture, "capture.json"));
        foreach (JsonElement root in told.RootElement.GetProperty("roots").EnumerateArray())
        {
            string device = $"0000:{root.GetProperty("name").GetString()}";
            string address = root.GetProperty("hpa").GetString()!;
            dump._text.Append(CultureInfo.InvariantCulture, $"Device {device} {(isScalable ? "with pasid 0 " : "")}@{address}\n");
            dump._text.Append("IOVA_PFN\t\tPML5E\t\t\tPML4E\t\t\tPDPE\t\t\tPDE\t\t\tPTE\n");
            dump.Walk(Convert.ToUInt64(address[2..], 16), root.GetProperty("levels").GetInt32(), 0);
            dump._text.Append('\n');
        }

        return dump._text.ToString();
    }

    private void Walk(ulong table, int level, ulong start)
    {
        for (int i = 0; i < 512; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64LittleEndian(_pages[table].AsSpan(i * sizeof(ulong)));
            ulong frame = start + ((ulong)i << (9 * (level - 1)));
            if ((entry & 3) == 0)
            {
                continue;
            }

            _path[level] = entry;
            if (level == 1 || (entry & 1 << 7) != 0)
            {
                _text.Append(
                    CultureInfo.InvariantCulture,
                    $"0x{frame:x13} |\t0x{_path[5]:x16}\t0x{_path[4]:x16}\t0x{_path[3]:x16}\t0x{_path[2]:x16}\t0x{_path[1]:x16}\n");
            }
            else
            {
                Walk(entry & 0x000f_ffff_ffff_f000, level - 1, frame);
            }

            _path[level] = 0;
        }
    }
}
