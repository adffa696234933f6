using TdpHw.Formats;
using TdpHw.Generators.Model;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Single entries and all that an oracle says of them.</summary>
/// <param name="file">The oracle's file.</param>
/// <param name="formatId">The format that is held against it.</param>
/// <param name="about">The name of its definition.</param>
internal sealed class EntryVectorTruth(EntryVectorFile file, string formatId, string about) : ITruth
{
    private readonly EntryVector[] _vectors = EntryVector.ReadAll(file);

    public string Name => $"{file.Name} on {formatId}";

    public IReadOnlyCollection<string> About { get; } = [about];

    public void Check(World world)
    {
        SpecFormat format = world.Format(formatId);
        Expect.Same(
            _vectors.SelectMany(v => v.Fields).Select(f => f.Symbol).Concat(file.Unnamed).Distinct().Order(StringComparer.Ordinal),
            format.Spec.Fields.Select(f => f.Symbol).Order(StringComparer.Ordinal),
            formatId,
            "the fields");
        foreach (EntryVector vector in _vectors.Where(v => v.Level <= format.Spec.Levels.Count))
        {
            Check(format.Resolve(vector.Capabilities), vector, format.Spec.Fields);
        }
    }

    private static void Check(SpecRules rules, EntryVector vector, EquatableArray<FieldSpec> fields)
    {
        string id = vector.Id;
        LevelRules level = rules[vector.Level];
        ulong raw = vector.Raw;
        EntryLayout layout = level.LayoutOf(raw);
        bool leaf = layout == EntryLayout.Leaf;
        bool present = layout != EntryLayout.NotPresent;
        Expect.Equal(vector.Kind != EntryKind.NotPresent, present, id, "present");
        Expect.Equal(vector.Leaf, leaf, id, "leaf");
        Expect.Equal(vector.Kind, level.KindOf(raw), id, "kind");
        Expect.Equal(vector.Rights, present ? level.RightsOf(raw) & vector.Known : Rights.None, id, "rights");
        Expect.Equal(vector.Output, present ? leaf ? level.PageOf(raw) : level.TableOf(raw) : null, id, "output address");
        Expect.Equal(vector.PageSize, leaf ? 1ul << level.PageShiftOf(raw) : null, id, "page size");
        Expect.Equal(vector.ReservedBits, vector.ReservedBits is null ? null : raw & level.ReservedIn(layout), id, "reserved bits");
        ulong res0 = leaf ? level.LeafRes0 : present ? level.TableRes0 : 0;
        Expect.Equal(vector.Res0Bits ?? 0, raw & res0, id, "bits that should be zero");
        foreach (FieldSpec field in fields.Where(_ => !present))
        {
            Expect.Equal(null, rules.FieldOf(field.Symbol, vector.Level, layout, raw), id, field.Symbol);
        }

        foreach ((string symbol, ulong? value) in vector.Fields)
        {
            Expect.Equal(value, rules.FieldOf(symbol, vector.Level, layout, raw), id, symbol);
        }

        if (vector.Illegal is not null)
        {
            // Where the hardware's one fault is told, it is that of the first rule.
            IEnumerable<string> illegal = rules.IllegalIn(vector.Level, layout, raw);
            Expect.Same(
                vector.Illegal,
                vector.IsFirstOfIllegal ? illegal.Take(1) : illegal.Order(StringComparer.Ordinal),
                id,
                "illegal combinations");
        }

        // Flags that the hardware keeps are named as fields, too.
        CheckRole(vector, "A", leaf ? level.LeafAccessed : present ? level.TableAccessed : 0, raw);
        CheckRole(vector, "D", leaf ? level.LeafDirty : 0, raw);
    }

    private static void CheckRole(EntryVector vector, string symbol, ulong mask, ulong raw)
    {
        foreach ((string _, ulong? value) in vector.Fields.Where(f => f.Symbol == symbol && f.Value is not null))
        {
            Expect.Equal(value, mask == 0 ? null : (raw & mask) != 0 ? 1ul : 0, vector.Id, $"what the hardware marks as {symbol}");
        }
    }
}
