using TdpHw.Formats;
using TdpHw.Mutation.Tests.Definitions;
using TdpHw.Mutation.Tests.Evaluation;

namespace TdpHw.Mutation.Tests.Truth;

/// <summary>Single entries and all that the manual says of them.</summary>
internal sealed class DecodeTruth(string file, string formatId, string about) : ITruth
{
    private const Rights Known = Rights.Read | Rights.Write | Rights.Execute | Rights.UserExecute;

    // The oracle does not name these: the address is compared as the output, PS follows from the layout.
    private static readonly string[] Unnamed = ["ADDR", "PS"];

    private readonly DecodeVector[] _vectors = DecodeVector.ReadAll(file);

    public string Name => file;

    public IReadOnlyCollection<string> About { get; } = [about];

    public void Check(World world)
    {
        SpecFormat format = world.Format(formatId);
        Expect.Same(
            _vectors[0].Fields.Select(f => f.Symbol).Concat(Unnamed).Order(StringComparer.Ordinal),
            format.Spec.Fields.Select(f => f.Symbol).Order(StringComparer.Ordinal),
            formatId,
            "the fields");
        IReadOnlyDictionary<string, int>? capabilities = null;
        SpecRules? rules = null;
        foreach (DecodeVector vector in _vectors)
        {
            if (!ReferenceEquals(capabilities, vector.Capabilities))
            {
                capabilities = vector.Capabilities;
                rules = format.Resolve(capabilities);
            }

            Check(rules!, vector);
        }
    }

    private static void Check(SpecRules rules, DecodeVector vector)
    {
        string id = vector.Id;
        LevelRules level = rules[vector.Level];
        ulong raw = vector.Raw;
        EntryLayout layout = level.LayoutOf(raw);
        bool leaf = layout == EntryLayout.Leaf;
        bool present = layout != EntryLayout.NotPresent;
        Expect.Equal(vector.Present, present, id, "present");
        Expect.Equal(vector.Leaf, leaf, id, "leaf");
        Expect.Equal(vector.ReservedBits, raw & level.ReservedIn(layout), id, "reserved bits");
        Expect.Equal(vector.Kind, level.KindOf(raw), id, "kind");
        Expect.Equal(vector.Rights, present ? level.RightsOf(raw) & Known : Rights.None, id, "rights");
        foreach ((string symbol, ulong? value) in vector.Fields)
        {
            ulong? actual = rules.FieldOf(symbol, vector.Level, layout, raw);
            Expect.Equal(value, symbol == "SVE" ? actual ?? 0 : actual, id, symbol);
        }

        // PS tells a leaf from a table where there are both.
        if (layout != EntryLayout.RefusedLeaf)
        {
            ulong? selector = present && vector.Level is (2 or 3) ? leaf ? 1ul : 0 : null;
            Expect.Equal(selector, rules.FieldOf("PS", vector.Level, layout, raw), id, "PS");
        }

        Expect.Equal(vector.MemoryType, leaf && level.LeafMemoryType != 0 ? (ulong)level.MemoryTypeOf(raw) : null, id, "memory type");
        Expect.Equal(vector.Accessed, BitIn(present ? leaf ? level.LeafAccessed : level.TableAccessed : 0, raw), id, "accessed");
        Expect.Equal(vector.Dirty, BitIn(leaf ? level.LeafDirty : 0, raw), id, "dirty");
        ulong? output = present ? raw & (leaf ? level.LeafAddress : level.TableAddress) : null;
        Expect.Equal(vector.Output, output, id, "output address");
        Expect.Equal(vector.PageSize, leaf ? level.PageSize : null, id, "page size");
        Expect.Same(
            vector.Illegal, rules.IllegalIn(vector.Level, layout, raw).Order(StringComparer.Ordinal), id, "illegal combinations");
    }

    private static ulong? BitIn(ulong mask, ulong raw) => mask == 0 ? null : (raw & mask) != 0 ? 1ul : 0;
}
