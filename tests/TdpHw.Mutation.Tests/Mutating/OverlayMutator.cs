using System.Globalization;
using TdpHw.Generators.Syntax;
using TdpHw.Mutation.Tests.Truth;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Changes a software's use of a format.</summary>
internal sealed class OverlayMutator(string name, MapNode root) : Mutator(name, root)
{
    private const int EntryBits = 64;
    private static readonly string[] Layouts = ["leaf", "table"];

    private string[] Variants => [.. Root.Maps("variants").Select(v => v.Text("id"))];

    protected override void Mutate()
    {
        Add("default→false", Root.With("default", "false"));
        Add("unless→dropped", Root.Without("unless"));
        MutateWidths();
        Each("capabilities", (path, i, node) =>
        {
            Replace($"{path}→dropped", "capabilities", i);
            Replace($"{path}/optional→dropped", "capabilities", i, node.Without("optional"));
        });
        Each("views", (path, i, node) =>
        {
            foreach (int by in new[] { -1, 1 })
            {
                int[] bits = [.. node.Bits().Select(b => b + by)];
                Replace($"{path}/bits{by:+0;-0}", "views", i, node.With("bits", Tree.Bits(bits)));
            }
        });
        Each("variants", MutateVariant);
        Each("fields", MutateField);
        MutateFieldOrder();
        Each("encodings", MutateEncoding);
    }

    private void MutateVariant(string path, int i, MapNode node)
    {
        Replace($"{path}→dropped", "variants", i);
        if (i + 1 < Variants.Length)
        {
            Add($"{path}↔{Variants[i + 1]}", Root.WithSwapped("variants", i));
        }

        Replace($"{path}/zero→dropped", "variants", i, node.Without("zero"));
        Replace($"{path}/shared-with→dropped", "variants", i, node.Without("shared-with"));
        for (int bit = 0; bit < EntryBits; bit++)
        {
            int[] zero = node.Bits("zero");
            int[] changed = zero.Contains(bit) ? [.. zero.Where(b => b != bit)] : [.. zero, bit];
            if (changed.Length > 0)
            {
                Replace($"{path}/zero^{bit}", "variants", i, node.With("zero", Tree.Bits(changed)));
            }
        }
    }

    private void MutateField(string path, int i, MapNode node)
    {
        Replace($"{path}→dropped", "fields", i);
        for (int by = -2; by <= 2; by++)
        {
            int[] bits = [.. node.Bits().Select(b => b + by)];
            if (by != 0 && bits.All(b => b is >= 0 and < EntryBits))
            {
                Replace($"{path}/bits{by:+0;-0}", "fields", i, node.With("bits", Tree.Bits(bits)));
            }
        }

        Replace($"{path}/enum→dropped", "fields", i, node.Without("enum"));
        foreach (string layout in Layouts.Where(l => l != node.Text("for")))
        {
            Replace($"{path}/for→{layout}", "fields", i, node.With("for", layout));
        }

        Replace($"{path}/for→dropped", "fields", i, node.Without("for"));
        MutateVariants(path, node, changed => Root.WithItem("fields", i, changed));
    }

    private void MutateFieldOrder()
    {
        MapNode[] fields = [.. Root.Maps("fields")];
        string[] labels = Tree.Labels(fields);
        for (int i = 0; i < fields.Length; i++)
        {
            for (int j = i + 1; j < fields.Length; j++)
            {
                if (fields[i].Bits().Length == fields[j].Bits().Length)
                {
                    Add($"fields/{labels[i]}↔{labels[j]}", Root
                        .WithItem("fields", i, fields[i].With("bits", fields[j]["bits"]))
                        .WithItem("fields", j, fields[j].With("bits", fields[i]["bits"])));
                }
            }
        }
    }

    private void MutateEncoding(string path, int i, MapNode node)
    {
        Replace($"{path}→dropped", "encodings", i);
        Replace($"{path}/name→other", "encodings", i, node.With("name", "other"));
        MutateVariants(path, node, changed => Root.WithItem("encodings", i, changed));
        MapNode? when = node.Map("when");
        foreach (MapEntry entry in when?.Entries ?? default)
        {
            int value = Tree.Number(((ScalarNode)entry.Value).Text);
            Replace($"{path}/when/{entry.Key.Text}→dropped", "encodings", i, node.With("when", when!.Without(entry.Key.Text)));
            for (int other = 0; other < Values(entry.Key.Text); other++)
            {
                if (other != value)
                {
                    Replace($"{path}/when/{entry.Key.Text}→{other}", "encodings", i, node.With("when", when!.With(entry.Key.Text, other)));
                }
            }
        }

        MutateValues(path, i, node);
        MapNode[] fields = [.. node.Maps("fields")];
        string[] labels = Tree.Labels(fields);
        for (int j = 0; j < fields.Length; j++)
        {
            int at = j;
            MutateEncodingField($"{path}/{labels[j]}", fields[j], changed => Root.WithItem("encodings", i, node.WithItem("fields", at, changed)));
        }
    }

    /// <summary>How many values a field of a condition has.</summary>
    private static int Values(string symbol) => symbol switch
    {
        "ADT" => 4,
        "EMT" => 8,
        _ => 2,
    };

    private void MutateValues(string path, int i, MapNode node)
    {
        ulong[] values = [.. node.Scalars("values").Select(v => Json.Hex(v.Text))];
        for (int j = 0; j < values.Length; j++)
        {
            int at = j;
            ulong[] rest = [.. values.Where((_, k) => k != at)];
            if (rest.Length > 0)
            {
                Put($"{path}/values−0x{values[j]:x}", rest);
            }

            if (j > 0)
            {
                Put($"{path}/values/first→0x{values[j]:x}", [values[j], .. rest]);
            }

            foreach (int bit in new[] { 3, 10, 63 })
            {
                ulong changed = values[j] ^ (1ul << bit);
                Put($"{path}/values/0x{values[j]:x}→0x{changed:x}", [.. values.Select((v, k) => k == at ? changed : v)]);
            }
        }

        void Put(string change, ulong[] changed) => Replace(change, "encodings", i, node.With(
            "values", Tree.List(changed.Select(v => Tree.Scalar(string.Create(CultureInfo.InvariantCulture, $"0x{v:x}"))))));
    }

    private void MutateEncodingField(string path, MapNode node, Func<MapNode[], MapNode> put)
    {
        Add($"{path}→dropped", put([]));
        ScalarNode[] ranges = [.. node.Scalars("bits")];
        for (int r = 0; r < ranges.Length; r++)
        {
            var span = Json.Bits(ranges[r].Text);
            foreach ((int high, int low) in new[] { (1, 0), (-1, 0), (0, 1), (0, -1) })
            {
                string changed = new TdpHw.Generators.Model.BitSpan(span.High + high, span.Low + low).ToString();
                int at = r;
                MapNode moved = node.With("bits", Tree.List(ranges.Select((b, k) => k == at ? Tree.Scalar(changed) : b)));
                Add($"{path}/bits/{ranges[r].Text}→{changed}", put([moved]));
            }

            if (r + 1 < ranges.Length)
            {
                MapNode swapped = node.WithSwapped("bits", r);
                Add($"{path}/bits/{ranges[r].Text}↔{ranges[r + 1].Text}", put([swapped]));
            }
        }

        if (node.Map("displace") is MapNode displace)
        {
            Add($"{path}/displace→dropped", put([node.Without("displace")]));
            foreach (int by in new[] { -1, 1 })
            {
                int bits = Tree.Number(displace.Text("bits")) + by;
                Add($"{path}/displace/bits→{bits}", put([node.With("displace", displace.With("bits", bits))]));
            }
        }

        MutateVariants(path, node, changed => put([changed]));
    }

    private void MutateVariants(string path, MapNode node, Func<MapNode, MapNode> put)
    {
        string[] own = node["variants"] is null ? Variants : [.. node.Scalars("variants").Select(v => v.Text)];
        foreach (string variant in Variants)
        {
            bool has = own.Contains(variant);
            string[] changed = has ? [.. own.Where(v => v != variant)] : [.. own, variant];
            if (changed.Length > 0)
            {
                Add($"{path}/variants{(has ? "−" : "+")}{variant}", put(node.With("variants", Tree.List(changed.Select(Tree.Scalar)))));
            }
        }
    }
}
