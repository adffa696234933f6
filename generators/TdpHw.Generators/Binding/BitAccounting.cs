using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Binding;

/// <summary>
/// The heart of a definition: under any capabilities, each bit of each level's leaf and table entries has exactly one status.
/// Masks are compared, never ranges.
/// </summary>
internal sealed class BitAccounting(
    IReadOnlyList<BitClaim> claims, AddressClaim? address, IReadOnlyList<string> levelNames, DiagnosticBag diagnostics)
{
    private readonly Dictionary<(BitClaim, BitClaim), (ulong Bits, string Place, string When)> _overlaps = [];
    private readonly Dictionary<(ulong Bits, string When), List<string>> _gaps = [];

    /// <summary>How messages call one layout of one level.</summary>
    public static string PlaceOf(IReadOnlyList<string> levelNames, int level, EntryLayouts layout) =>
        $"{levelNames[level - 1]} (level {level}, {Name(layout)})";

    /// <summary>Checks one layout of one level.</summary>
    /// <param name="shift">A leaf of this level maps 2 to this power bytes.</param>
    public void Check(int level, EntryLayouts layout, int shift)
    {
        BitClaim[] here = [.. claims.Where(c => c.AppliesTo(level, layout))];
        ulong span = AddressBits(layout, shift, BitStatus.Field) | AddressBits(layout, shift, BitStatus.Reserved)
            | AddressBits(layout, shift, BitStatus.Res0) | AddressBits(layout, shift, BitStatus.Illegal);
        string[] flags = [.. here.SelectMany(c => c.When.Capabilities).Distinct(StringComparer.Ordinal)];
        string place = PlaceOf(levelNames, level, layout);
        for (int setting = 0; setting < 1 << flags.Length; setting++)
        {
            string[] on = [.. flags.Where((_, i) => (setting >> i & 1) != 0)];
            ulong seen = 0;
            foreach (BitClaim claim in here.Where(c => c.Holds(on)))
            {
                if ((seen & claim.Bits) != 0)
                {
                    BitClaim other = here.First(c => c.Holds(on) && (c.Bits & claim.Bits) != 0);
                    string[] relevant = [.. other.When.Capabilities.Concat(claim.When.Capabilities).Distinct(StringComparer.Ordinal)];
                    Note(other, claim, place, When(relevant, on));
                }

                seen |= claim.Bits;
            }

            ulong missing = ~(seen | span);
            if (missing != 0)
            {
                NoteGap(missing, place, here, flags, on);
            }
        }
    }

    /// <summary>Reports what the checks found, each pair of rules and each gap once.</summary>
    /// <param name="gapsAt">Where a gap is told; null to tell none.</param>
    public void Report(Syntax.Node? gapsAt)
    {
        foreach (KeyValuePair<(BitClaim First, BitClaim Second), (ulong Bits, string Place, string When)> overlap in _overlaps)
        {
            diagnostics.Add(
                DiagnosticCatalog.BitOverlap,
                overlap.Key.Second.At,
                BitSpans.Sentence(overlap.Value.Bits),
                overlap.Value.Place,
                overlap.Key.First.Label,
                overlap.Key.Second.Label,
                overlap.Value.When);
        }

        if (gapsAt is null)
        {
            return;
        }

        foreach (KeyValuePair<(ulong Bits, string When), List<string>> gap in _gaps)
        {
            bool isOne = (gap.Key.Bits & (gap.Key.Bits - 1)) == 0;
            diagnostics.Add(
                DiagnosticCatalog.BitWithoutStatus,
                gapsAt,
                BitSpans.Sentence(gap.Key.Bits),
                string.Join(", ", gap.Value) + (isOne ? " has" : " have"),
                gap.Key.When);
        }
    }

    /// <summary>The mask of a status at one layout of one level, as a function of capabilities.</summary>
    public MaskSpec MaskOf(BitStatus status, int level, EntryLayouts layout, int shift)
    {
        BitClaim[] here = [.. claims.Where(c => c.AppliesTo(level, layout) && c.Status == status)];
        ulong always = here.Where(c => c.When.IsAlways).Aggregate(0ul, (bits, c) => bits | c.Bits);
        ulong unclaimed = Unclaimed(level, layout);
        ulong pageBits = AddressBits(layout, shift, BitStatus.Field);
        always |= AddressBits(layout, shift, status) & ~pageBits & unclaimed;
        bool isBeyond = address is { HasLimit: true } && address.Above == status;
        return new MaskSpec(
            always,
            here.Where(c => !c.When.IsAlways).Select(c => new MaskTerm(c.Bits, c.When, c.IsNegated))
                .Concat(isBeyond ? Freed(level, layout, pageBits, LimitSide.Beyond) : [])
                .ToEquatableArray(),
            0,
            isBeyond ? pageBits & unclaimed : 0,
            address?.Above == status ? Positions(level, layout) : default);
    }

    /// <summary>The address bits of one layout of one level, as a function of capabilities.</summary>
    public MaskSpec AddressOf(int level, EntryLayouts layout, int shift)
    {
        ulong page = AddressBits(layout, shift, BitStatus.Field);
        ulong bits = page & Unclaimed(level, layout);
        return address is { HasLimit: true } && address.Above != BitStatus.Illegal
            ? new MaskSpec(0, Freed(level, layout, page, LimitSide.Within).ToEquatableArray(), bits, 0, Positions(level, layout))
            : new MaskSpec(bits, Freed(level, layout, page, LimitSide.Both).ToEquatableArray(), 0, 0, Positions(level, layout));
    }

    private IEnumerable<MaskTerm> Freed(int level, EntryLayouts layout, ulong page, LimitSide side) =>
        FreedBits.Of(claims.Where(c => c.AppliesTo(level, layout)), page).Select(t => t with { Side = side });

    private EquatableArray<string> Positions(int level, EntryLayouts layout) => claims
        .Where(c => c.Position is not null && c.AppliesTo(level, layout))
        .Select(c => c.Position!)
        .ToEquatableArray();

    private ulong Unclaimed(int level, EntryLayouts layout) =>
        ~claims.Where(c => c.AppliesTo(level, layout)).Aggregate(0ul, (bits, c) => bits | c.Bits);

    private ulong AddressBits(EntryLayouts layout, int shift, BitStatus status)
    {
        if (address is null)
        {
            return 0;
        }

        ulong belowPage = layout == EntryLayouts.Leaf ? address.Span & (((1ul << shift) - 1) >> address.Shift) : 0;
        return status == BitStatus.Field ? address.Span & ~belowPage
            : address.Below == status ? belowPage
            : 0;
    }

    private void Note(BitClaim first, BitClaim second, string place, string when)
    {
        if (!_overlaps.ContainsKey((first, second)))
        {
            _overlaps.Add((first, second), (first.Bits & second.Bits, place, when));
        }
    }

    private void NoteGap(ulong missing, string place, BitClaim[] here, string[] flags, string[] on)
    {
        // A gap that any flag leaves open is told without flags.
        string[] relevant =
        [
            .. flags.Where(f => here.Any(c => (c.Bits & missing) != 0 && c.When.Capabilities.Contains(f))),
        ];
        (ulong, string) key = (missing, When(relevant, on));
        if (!_gaps.TryGetValue(key, out List<string>? places))
        {
            _gaps.Add(key, places = []);
        }

        if (!places.Contains(place))
        {
            places.Add(place);
        }
    }

    private static string When(string[] flags, string[] on) => flags.Length == 0
        ? ""
        : " when " + string.Join(" and ", flags.Select(f => $"{f} is {(on.Contains(f) ? "on" : "off")}"));

    private static string Name(EntryLayouts layout) => layout == EntryLayouts.Leaf ? "leaf" : "table";
}
