using System.Globalization;
using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>
/// Lists the entries of a capture in table order and holds each against the row that is due; the software is null where
/// nobody gives special entries a meaning.
/// </summary>
internal sealed class CaptureListing(Capture capture, FormatSpec format, SpecRules rules, SpecVariant? software)
{
    private readonly EquatableArray<EnumMemberSpec> _memoryTypes = format.Enums
        .FirstOrDefault(e => e.Name == format.Fields.FirstOrDefault(f => f.Role == TdpHw.Generators.Model.FieldRole.MemoryType)?.Enum)
        ?.Members ?? default;

    private int _leaves;
    private int _specials;
    private int _tables;

    /// <summary>Lists what lies below a root.</summary>
    public void List(ulong root, int levels)
    {
        WalkShape walk = rules.Walks.FirstOrDefault(w => w.Levels == levels);
        Expect.Equal(levels, walk.Levels, capture.Name, "the walk's levels");
        List(root, root, levels, 0, Rights.All, 1 << (walk.InputBits - rules[levels].Shift));
    }

    /// <summary>Nothing may be left.</summary>
    public void End()
    {
        Expect.Equal(capture.Leaves.Length, _leaves, capture.Name, "the number of leaves");
        Expect.Equal(capture.Specials.Length, _specials, capture.Name, "the number of special entries");
    }

    private void List(ulong root, ulong table, int level, ulong address, Rights path, int count)
    {
        // Wrong rules find tables everywhere; there are no more than were captured, some of them below two roots.
        if (level < 1 || level > rules.LevelCount || ++_tables > 2 * capture.PageCount)
        {
            Expect.Disagree(capture.Name, "there are too many tables");
        }

        LevelRules here = rules[level];
        ulong[]? page = null;
        for (int i = 0; i < count; i++)
        {
            if (i % 512 == 0)
            {
                page = capture.Page(table + ((ulong)i * sizeof(ulong)));
            }

            if (page is null)
            {
                Expect.Disagree(capture.Name, $"there is no table at 0x{table:x}");
            }

            ulong raw = page[i % 512];
            if (raw != 0)
            {
                // A page of several slots stands in all of them, and is listed once.
                i += ListEntry(here, root, raw, address + ((ulong)i << here.Shift), path) - 1;
            }
        }
    }

    /// <summary>Lists an entry, or what lies below it.</summary>
    /// <returns>In how many slots it stands.</returns>
    private int ListEntry(LevelRules here, ulong root, ulong raw, ulong address, Rights path)
    {
        EntryKind kind = here.KindOf(raw);
        Rights rights = path & here.RightsOf(raw);
        if (kind == EntryKind.Table)
        {
            List(root, here.TableOf(raw), here.NextLevelOf(raw), address, rights, 1 << rules.IndexBits);
        }
        else if (kind == EntryKind.Leaf)
        {
            rights = here.Effective(rights);
            int type = here.MemoryTypeOf(raw);
            string name = type < 0 ? "-" : _memoryTypes.FirstOrDefault(m => m.Value == (ulong)type)?.Name ?? "?";
            string output = string.Create(CultureInfo.InvariantCulture, $"0x{here.PageOf(raw):x}");
            Compare(capture.Leaves, ref _leaves, Row(here, root, address, output, raw, rights.ToListing(), name, "leaf", "-"));
            Expect.Equal(0ul, raw & here.LeafRes0, capture.Name, "bits that software should leave zero");
            return 1 << Math.Clamp(here.PageShiftOf(raw) - here.Shift, 0, rules.IndexBits);
        }
        else if (software?.Spec.EmptyValues.Contains(raw) != true)
        {
            string word = kind == EntryKind.NotPresent ? "not-present"
                : format.MalformedWord ?? (kind == EntryKind.ReservedBitSet ? "reserved" : "illegal");
            Compare(capture.Specials, ref _specials, Row(here, root, address, "-", raw, "---", "-", word, software?.MeaningOf(raw) ?? "-"));
        }

        return 1;
    }

    private static string Row(
        LevelRules here, ulong root, ulong address, string output, ulong raw, string rights, string type, string kind, string meaning) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"0x{root:x}\t0x{address:x}\t{output}\t0x{(kind == "leaf" ? 1ul << here.PageShiftOf(raw) : here.PageSize):x}\t{here.Level}\t0x{raw:x}\t{rights}\t{type}\t{kind}\t{meaning}");

    private void Compare(string[] rows, ref int next, string row)
    {
        Expect.Equal(next < rows.Length ? rows[next] : null, row, capture.Name, "the row that is due");
        next++;
    }
}
