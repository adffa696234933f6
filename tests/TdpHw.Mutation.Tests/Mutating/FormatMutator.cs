using System.Globalization;
using TdpHw.Generators.Model;
using TdpHw.Generators.Syntax;
using TdpHw.Mutation.Tests.Definitions;

namespace TdpHw.Mutation.Tests.Mutating;

/// <summary>Changes a page-table format.</summary>
internal sealed class FormatMutator : Mutator
{
    private const int EntryBits = 64;
    private static readonly int[] OneDownOrUp = [-1, 1];
    private static readonly long[] WindowSteps = [-1, 1, -0x100000, 0x100000];
    private static readonly string[] WalkNumbers = ["levels", "input"];
    private static readonly string[] WindowEnds = ["first", "last"];
    private static readonly string[] Layouts = ["leaf", "table"];
    private static readonly string[] Roles = ["accessed", "dirty", "memory-type"];
    private static readonly string[] AddressRests = ["above", "below"];
    private static readonly string[] Statuses = ["reserved", "res0", "ignored"];
    private static readonly string[] Rules = ["present", "leaf", "illegal", "rights"];
    private static readonly (string Key, string Name)[] NamedRules = [("illegal", "name"), ("rights", "right")];
    private static readonly string[] Bounds = ["next-level", "size", "alignment", "width"];
    private static readonly string[] Sizes = ["lowest-zero", "lowest-one"];
    private static readonly string[] RightNames = ["read", "write", "execute", "user-execute", "user"];

    private readonly FormatSpec _spec;
    private readonly MapNode _whole;
    private readonly int _inheritedLevels;
    private readonly int[] _levels;
    private readonly string[] _oneBit;

    public FormatMutator(string name, MapNode root)
        : base(name, root)
    {
        _spec = (FormatSpec)World.Real.Bound(name);
        _whole = World.Real.Whole(name);
        _inheritedLevels = root.Scalar("extends") is { } extends ? ((FormatSpec)World.Real.Bound(extends.Text)).Levels.Count : int.MaxValue;
        _levels = [.. _spec.Levels.Select(l => l.Level)];
        _oneBit = [.. _spec.Fields.Where(f => f.Bits.Sum(b => b.Width) == 1).Select(f => f.Symbol)];
    }

    /// <summary>
    /// A line is changed once, in the definition that it stands in: those that extend it have it too, and what is known of them
    /// may refute the change. What a base says of levels that it does not have itself is a fact of those that do.
    /// </summary>
    protected override void Mutate()
    {
        MutateNumbers();
        MutateShape();
        MutateFurtherLevels();
        MutateCapabilities();
        Each("fields", MutateField);
        foreach (string status in Statuses)
        {
            Each(status, (path, i, node) => MutateBitRule(path, status, i, node));
        }

        MutateBitPositions();
        MutateAddress();
        foreach (string key in Rules)
        {
            Each(key, (path, i, node) => MutateRule(path, key, i, node));
        }
    }

    private void MutateNumbers()
    {
        if (Root["extends"] is not null)
        {
            return;
        }

        Add("page→13", WithAddressFrom(13).With("page", 13));
        Add("index→8", Root.With("index", 8));
        Add("index→10", Root.With("index", 10));
        bool isPermissionFirst = Root.Text("check-order") == "permission-first";
        Add("check-order/flipped", Root.With("check-order", isPermissionFirst ? "malformed-first" : "permission-first"));
        Add("canonical/flipped", Root.Text("canonical") == "true" ? Root.Without("canonical") : Root.With("canonical", "true"));
        Add("requires→dropped", Root.Without("requires"));
        foreach (string right in RightNames)
        {
            Add($"requires→{right}", Root.With("requires", Tree.List([Tree.Scalar(right)])));
        }

        Add("malformed-word→dropped", Root.Without("malformed-word"));
        Add("malformed-word→broken", Root.With("malformed-word", "broken"));
    }

    private void MutateShape()
    {
        Add("manual-levels→dropped", Root.Without("manual-levels"));
        foreach (MapEntry entry in Root.Map("manual-levels")?.Entries ?? default)
        {
            int number = Tree.Number(((ScalarNode)entry.Value).Text) + 1;
            Add($"manual-levels/{entry.Key.Text}→{number}", Root.With("manual-levels", Root.Map("manual-levels")!.With(entry.Key.Text, number)));
        }

        Each("views", (path, i, node) =>
        {
            foreach (int by in OneDownOrUp)
            {
                int[] bits = [.. node.Bits().Select(b => b + by)];
                if (bits.All(b => b is >= 0 and < EntryBits))
                {
                    Replace($"{path}/bits{by:+0;-0}", "views", i, node.With("bits", Tree.Bits(bits)));
                }
            }
        });
        Each("walks", (path, i, node) =>
        {
            Replace($"{path}→dropped", "walks", i);
            foreach (string key in WalkNumbers.Where(k => char.IsAsciiDigit(node.Text(k)[0])))
            {
                foreach (int by in OneDownOrUp)
                {
                    int value = Tree.Number(node.Text(key)) + by;
                    Replace($"{path}/{key}→{value}", "walks", i, node.With(key, value));
                }
            }

            MutateCondition(path, "walks", i, node);
            if (node["needs"] is null)
            {
                Replace($"{path}/needs→walk_5", "walks", i, node.With("needs", "walk_5"));
            }
        });
        Each("windows", (path, i, node) =>
        {
            Replace($"{path}→dropped", "windows", i);
            foreach (string key in WindowEnds)
            {
                foreach (long by in WindowSteps)
                {
                    string value = (Truth.Json.Hex(node.Text(key)) + (ulong)by).ToString(CultureInfo.InvariantCulture);
                    Replace($"{path}/{key}→{value}", "windows", i, node.With(key, value));
                }
            }

            Replace($"{path}/input→translated", "windows", i, node.With("input", "translated"));
            Replace($"{path}/output→allowed", "windows", i, node.With("output", "allowed"));
        });
    }

    /// <summary>Levels that a format adds to its base's: a row of the base may be wrong there.</summary>
    private void MutateFurtherLevels()
    {
        foreach (int level in _levels.Where(l => l > _inheritedLevels))
        {
            foreach (string key in Statuses.Append("fields"))
            {
                MapNode[] rows = [.. _whole.Maps(key)];
                string[] labels = Tree.Labels(rows);
                for (int i = 0; i < rows.Length; i++)
                {
                    MapNode row = (MapNode)rows[i].Bare();
                    if (row.Text("role") == "address" || !LevelsOf(row).Contains(level))
                    {
                        continue;
                    }

                    foreach (string status in Statuses.Where(s => s != key))
                    {
                        // A layer takes a field at a level as a whole.
                        string[] layouts = LayoutsOf(row);
                        foreach (string[] some in key == "fields" ? [layouts] : layouts.Where(l => Exists(level, l)).Select(l => new[] { l }))
                        {
                            Add(
                                $"inherited/{key}/{labels[i]}/status→{status}@L{level}{string.Concat(some)}",
                                Root.WithAdded(status, Claim(row, [level], some)));
                        }
                    }
                }
            }

            foreach ((string key, string name) in NamedRules)
            {
                MapNode[] rows = [.. _whole.Maps(key).Select(r => (MapNode)r.Bare())];
                string[] labels = Tree.Labels(rows);
                for (int i = 0; i < rows.Length; i++)
                {
                    int at = i;
                    if (LevelsOf(rows[i]).Contains(level))
                    {
                        IEnumerable<MapNode> group =
                            rows.Where(r => r.Text(name) == rows[at].Text(name)).Select(r => r == rows[at]
                            ? r.With("levels", Tree.Numbers(LevelsOf(r).Where(l => l != level)))
                            : r);
                        Add($"inherited/{key}/{labels[i]}/levels−{level}", Root.WithAdded(key, [.. group]));
                    }
                }
            }
        }
    }

    private void MutateCapabilities()
    {
        MutateWidths();
        Each("capabilities", (path, i, node) =>
        {
            Replace($"{path}→dropped", "capabilities", i);
            if (node.Scalar("flag") is ScalarNode flag)
            {
                string other = flag.Text == "true" ? "false" : "true";
                Replace($"{path}/flag→{other}", "capabilities", i, node.With("flag", other));
            }

            if (node.Scalar("default") is ScalarNode value)
            {
                foreach (int by in OneDownOrUp)
                {
                    int changed = Tree.Number(value.Text) + by;
                    Replace($"{path}/default→{changed}", "capabilities", i, node.With("default", changed));
                }
            }

            if (node.Scalar("from") is ScalarNode from)
            {
                Replace($"{path}/from→dropped", "capabilities", i, node.Without("from"));
                string[] parts = from.Text.Split('.');
                string[] members = [.. ((RegisterSpec)World.Real.Bound(parts[0])).Members.Select(m => m.Name)];
                int at = Array.IndexOf(members, parts[1]);
                foreach (int other in new[] { at - 1, at + 1 }.Where(o => o >= 0 && o < members.Length))
                {
                    Replace($"{path}/from→{members[other]}", "capabilities", i, node.With("from", $"{parts[0]}.{members[other]}"));
                }
            }
        });
    }

    private void MutateField(string path, int i, MapNode node)
    {
        if (node.Text("role") == "address")
        {
            return;
        }

        MapNode without = Root.WithItem("fields", i);
        Add($"{path}→dropped", without);
        foreach (string status in Statuses)
        {
            Add($"{path}/status→{status}", without.WithAdded(status, Claim(node, LevelsOf(node), LayoutsOf(node))));
            foreach (int level in LevelsOf(node).Where(l => LevelsOf(node).Length > 1 && LayoutsOf(node).Any(y => Exists(l, y))))
            {
                MapNode narrowed = node.With("levels", Levels(node, LevelsOf(node).Where(l => l != level)));
                MapNode changed = Root.WithItem("fields", i, narrowed)
                    .WithAdded(status, [.. ClaimsAt(node, level, LayoutsOf(node))]);
                Add($"{path}/status→{status}@L{level}", changed);
            }

            foreach (string layout in LayoutsOf(node).Where(_ => LayoutsOf(node).Length > 1))
            {
                string[] others = [.. AllLayoutsOf(node).Where(l => l != layout)];
                MapNode changed = Root.WithItem("fields", i, node.With("for", Tree.List(others.Select(Tree.Scalar))))
                    .WithAdded(status, Claim(node, LevelsOf(node), [layout]));
                Add($"{path}/status→{status}@{layout}", changed);
            }

            if (node["else"] is not null && node.Text("else") != status)
            {
                Replace($"{path}/else→{status}", "fields", i, node.With("else", status));
            }
        }

        if (node["for"] is not null)
        {
            foreach (string layout in AllLayoutsOf(node))
            {
                string[] others = [.. AllLayoutsOf(node).Where(l => l != layout)];
                Replace($"{path}/for−{layout}", "fields", i, node.With("for", Tree.List(others.Select(Tree.Scalar))));
            }
        }

        Replace($"{path}/for+not-present", "fields", i, node.With(
            "for", Tree.List(AllLayoutsOf(node).Append("not-present").Distinct().Select(Tree.Scalar))));
        foreach (string role in Roles.Where(r => r != node.Text("role")))
        {
            Replace($"{path}/role→{role}", "fields", i, node.With("role", role));
        }

        Replace($"{path}/role→dropped", "fields", i, node.Without("role"));
        Replace($"{path}/enum→dropped", "fields", i, node.Without("enum"));
        MutateCondition(path, "fields", i, node);
    }

    private void MutateBitRule(string path, string status, int i, MapNode node)
    {
        int[] levels = LevelsOf(node);
        string[] layouts = LayoutsOf(node);
        Replace($"{path}→dropped", status, i);
        MapNode without = Root.WithItem(status, i);
        foreach (string other in Statuses.Where(s => s != status))
        {
            Add($"{path}/status→{other}", without.WithAdded(other, node));
            foreach (int level in levels.Where(l => levels.Length > 1 && layouts.Any(y => Exists(l, y))))
            {
                MapNode changed = Root.WithItem(status, i, node.With("levels", Levels(node, levels.Where(l => l != level))));
                Add($"{path}/status→{other}@L{level}", changed.WithAdded(other, [.. ClaimsAt(node, level, layouts)]));
                foreach (string layout in layouts.Where(l => layouts.Length > 1 && Exists(level, l)))
                {
                    IEnumerable<Node> rest = ClaimsAt(node, level, [.. layouts.Where(l => l != layout)]);
                    Add(
                        $"{path}/status→{other}@L{level}{layout}",
                        changed.WithAdded(status, [.. rest]).WithAdded(other, [.. ClaimsAt(node, level, [layout])]));
                }
            }

            foreach (string layout in layouts.Where(y => layouts.Length > 1 && levels.Any(l => Exists(l, y))))
            {
                MapNode kept = node.With("for", layouts.Single(l => l != layout));
                Add(
                    $"{path}/status→{other}@{layout}",
                    Root.WithItem(status, i, kept).WithAdded(other, node.With("for", layout)));
            }

            foreach (int bit in node.Bits().Where(_ => node.Bits().Length > 1))
            {
                MapNode kept = node.With("bits", Tree.Bits([.. node.Bits().Where(b => b != bit)]));
                Add(
                    $"{path}/status→{other}@bit{bit}",
                    Root.WithItem(status, i, kept).WithAdded(other, node.With("bits", bit)));
            }
        }

        MutateCondition(path, status, i, node);
    }

    /// <summary>Two neighbouring bits of an entry take each other's place, in all claims at once so that it still binds.</summary>
    private void MutateBitPositions()
    {
        for (int bit = 0; bit + 1 < EntryBits; bit++)
        {
            int low = bit;
            int[] address = [.. Root.Maps("fields").Where(f => f.Text("role") == "address").SelectMany(f => f.Bits())];
            if (address.Contains(low) || address.Contains(low + 1))
            {
                continue;
            }

            MapNode changed = Statuses.Append("fields").Aggregate(Root, (root, key) => root[key] is null
                ? root
                : root.With(key, Tree.List(root.Maps(key).Select(
                    n => n.Bits().Length == 0 ? n : n.With("bits", Swapped(n, low, key == "fields"))))));
            Add($"bits/{low}↔{low + 1}", changed);
        }

        MapNode[] fields = [.. Root.Maps("fields")];
        string[] names = Tree.Labels(fields);
        for (int i = 0; i < fields.Length; i++)
        {
            for (int j = i + 1; j < fields.Length; j++)
            {
                if (fields[i].Bits().Length == fields[j].Bits().Length)
                {
                    Add($"fields/{names[i]}↔{names[j]}", Root
                        .WithItem("fields", i, fields[i].With("bits", fields[j]["bits"]))
                        .WithItem("fields", j, fields[j].With("bits", fields[i]["bits"])));
                }
            }
        }
    }

    private void MutateAddress()
    {
        MapNode[] fields = [.. Root.Maps("fields")];
        int at = Array.FindIndex(fields, f => f.Text("role") == "address");
        if (at < 0)
        {
            return;
        }

        MapNode node = fields[at];
        int[] bits = node.Bits();
        foreach (string key in AddressRests)
        {
            Replace($"fields/{node.Text("name")}/{key}→res0", "fields", at, node.With(key, "res0"));
            Replace($"fields/{node.Text("name")}/{key}→dropped", "fields", at, node.Without(key));
        }

        Replace($"fields/{node.Text("name")}/limit→dropped", "fields", at, node.Without("limit"));
        Replace($"fields/{node.Text("name")}/role→dropped", "fields", at, node.Without("role"));
        if (node["limit"] is null)
        {
            return;
        }

        // The address loses its highest bit, and with it the machines that have so many.
        MapNode[] capabilities = [.. Root.Maps("capabilities")];
        int width = Array.FindIndex(capabilities, c => c.Text("name") == node.Text("limit"));
        int[] bounds = capabilities[width].Numbers("width");
        foreach (string status in Statuses)
        {
            Add($"fields/{node.Text("name")}/high−1→{status}", Root
                .WithItem("fields", at, node.With("bits", Tree.Bits([.. bits.Skip(1)])))
                .WithItem("capabilities", width, capabilities[width].With("width", $"{bounds[0]}..{bounds[^1] - 1}"))
                .WithAdded(status, Tree.Map([("bits", Tree.Scalar(bits[0]))])));
        }

        // It takes the bit above it from the rule that has it.
        foreach (string status in Statuses)
        {
            Each(status, (path, i, rule) =>
            {
                if (rule.Bits().Contains(bits[0] + 1))
                {
                    Add($"fields/{node.Text("name")}/high+1", Root
                        .WithItem("fields", at, node.With("bits", Tree.Bits([bits[0] + 1, .. bits])))
                        .WithItem(status, i, rule.With("bits", Tree.Bits([.. rule.Bits().Where(b => b != bits[0] + 1)]))));
                }
            });
        }
    }

    private void MutateRule(string path, string key, int i, MapNode node)
    {
        Replace($"{path}→dropped", key, i);
        MutateCondition(path, key, i, node);
        MutateLevels(path, key, i, node);
        foreach (MapEntry entry in node.Map("when")?.Entries ?? default)
        {
            MutateMatch($"{path}/when/{entry.Key.Text}", key, i, node, entry);
        }

        string[] any = [.. node.Scalars("any").Select(s => s.Text)];
        foreach (string symbol in any)
        {
            string[] rest = [.. any.Where(s => s != symbol)];
            MapNode changed = rest.Length == 0 ? node.Without("any") : node.With("any", Tree.List(rest.Select(Tree.Scalar)));
            Replace($"{path}/any−{symbol}", key, i, changed);
        }

        foreach (string symbol in _oneBit.Except(any).Where(_ => any.Length > 0))
        {
            Replace($"{path}/any+{symbol}", key, i, node.With("any", Tree.List(any.Append(symbol).Select(Tree.Scalar))));
        }

        if (key == "illegal")
        {
            Replace($"{path}/name→other", key, i, node.With("name", "other"));
            foreach (string layouts in Layouts.Where(l => l != node.Text("for")))
            {
                Replace($"{path}/for→{layouts}", key, i, node.With("for", layouts));
            }

            Replace($"{path}/for→dropped", key, i, node.Without("for"));
            foreach (string bound in Bounds.Where(b => b != node.Text("bound")))
            {
                Replace($"{path}/bound→{bound}", key, i, node.With("bound", bound));
            }

            Replace($"{path}/bound→dropped", key, i, node.Without("bound"));
        }

        foreach (MapEntry entry in node.Map("not")?.Entries ?? default)
        {
            Replace($"{path}/not→dropped", key, i, node.Without("not"));
            foreach (int by in OneDownOrUp)
            {
                int value = Tree.Number(((ScalarNode)entry.Value).Text) + by;
                Replace($"{path}/not/{entry.Key.Text}→{value}", key, i, node.With("not", node.Map("not")!.With(entry.Key.Text, value)));
            }
        }

        foreach (string size in Sizes.Where(s => key == "leaf" && s != node.Text("size")))
        {
            Replace($"{path}/size→{size}", key, i, node.With("size", size));
        }

        if (key == "leaf")
        {
            Replace($"{path}/size→dropped", key, i, node.Without("size"));
        }

        if (key == "rights")
        {
            Replace($"{path}/for→leaf", key, i, node.With("for", "leaf"));
            Replace($"{path}/for→dropped", key, i, node.Without("for"));
        }

        foreach (string right in RightNames.Where(r => key == "rights" && r != node.Text("right")))
        {
            Replace($"{path}/right→{right}", key, i, node.With("right", right));
        }
    }

    private void MutateMatch(string path, string key, int i, MapNode node, MapEntry entry)
    {
        MapNode when = node.Map("when")!;
        MapNode dropped = when.Without(entry.Key.Text);
        Replace($"{path}→dropped", key, i, dropped.Entries.Count == 0 ? node.Without("when") : node.With("when", dropped));
        int[] values = when.Numbers(entry.Key.Text);
        foreach (int value in values.Where(_ => values.Length > 1))
        {
            Put($"{path}−{value}", values.Where(v => v != value));
        }

        int width = _whole.Maps("fields").Concat(_whole.Maps("views")).First(f => f.Text("sym") == entry.Key.Text).Bits().Length;
        for (int value = 0; value < 1 << width; value++)
        {
            if (!values.Contains(value))
            {
                Put($"{path}+{value}", values.Append(value));
                Put($"{path}→{value}", [value]);
            }
        }

        foreach (string symbol in _oneBit.Where(s => _oneBit.Contains(entry.Key.Text) && when[s] is null))
        {
            Replace($"{path}→{symbol}", key, i, node.With("when", when.Renamed(entry.Key.Text, symbol)));
        }

        void Put(string change, IEnumerable<int> changed) =>
            Replace(change, key, i, node.With("when", when.With(entry.Key.Text, Tree.Numbers(changed))));
    }

    private void MutateLevels(string path, string key, int i, MapNode node)
    {
        int[] levels = LevelsOf(node);
        foreach (int level in _levels)
        {
            bool has = levels.Contains(level);
            if (has && levels.Length == 1)
            {
                continue;
            }

            IEnumerable<int> changed = has ? levels.Where(l => l != level) : levels.Append(level);
            Replace($"{path}/levels{(has ? "−" : "+")}{level}", key, i, node.With("levels", Levels(node, changed)));
        }
    }

    private void MutateCondition(string path, string key, int i, MapNode node)
    {
        foreach ((string one, string other) in new[] { ("needs", "unless"), ("unless", "needs") })
        {
            if (node[one] is Node names)
            {
                Replace($"{path}/{one}→dropped", key, i, node.Without(one, "else"));
                Replace($"{path}/{one}→{other}", key, i, node.Without(one).With(other, names));
            }
        }

        if (key == "leaf" && node["else"] is not null)
        {
            Replace($"{path}/else→dropped", key, i, node.Without("else"));
        }
    }

    /// <summary>The format with addresses that start higher; what they leave is reserved.</summary>
    private MapNode WithAddressFrom(int low)
    {
        MapNode[] fields = [.. Root.Maps("fields")];
        int at = Array.FindIndex(fields, f => f.Text("role") == "address");
        int[] bits = fields[at].Bits();
        return Root
            .WithItem("fields", at, fields[at].With("bits", Tree.Bits([.. bits.Where(b => b >= low)])))
            .WithAdded("reserved", Tree.Map([("bits", Tree.Bits([.. bits.Where(b => b < low)]))]));
    }

    private static Node Swapped(MapNode node, int low, bool isOrdered)
    {
        IEnumerable<int> bits = node.Bits().Select(b => b == low ? low + 1 : b == low + 1 ? low : b);
        return Tree.Bits([.. isOrdered ? bits : bits.OrderDescending()]);
    }

    private bool Exists(int level, string layout) =>
        layout == "leaf" ? _spec.Levels[level - 1].HasLeaf : _spec.Levels[level - 1].HasTable;

    private int[] LevelsOf(MapNode node) => node["levels"] is null ? _levels
        :
        [
            .. node.Scalars("levels").SelectMany(n => IsOpen(n)
                ? _levels.Where(l => l >= Tree.Number(n.Text[..^2]))
                : Tree.Numbers(n)),
        ];

    /// <summary>The levels of a changed row. One that holds from some level on does so still, for those who extend the format.</summary>
    private Node Levels(MapNode node, IEnumerable<int> changed)
    {
        int[] levels = [.. changed.Order()];
        bool isOpen = node["levels"] is null || node.Scalars("levels").Any(IsOpen);
        return isOpen && levels.Contains(_levels[^1])
            ? Tree.List([.. levels.SkipLast(1).Select(Tree.Scalar), Tree.Scalar($"{_levels[^1]}..")])
            : Tree.Numbers(levels);
    }

    private static bool IsOpen(ScalarNode levels) => levels.Text.EndsWith("..", StringComparison.Ordinal);

    private static string[] AllLayoutsOf(MapNode node) =>
        node["for"] is null ? ["leaf", "table"] : [.. node.Scalars("for").Select(s => s.Text)];

    private static string[] LayoutsOf(MapNode node) => [.. AllLayoutsOf(node).Where(l => l != "not-present")];

    private MapNode Claim(MapNode node, int[] levels, string[] layouts) => Tree.Map(
    [
        ("bits", node["bits"]!), ("levels", Levels(node, levels)), ("for", Tree.List(layouts.Select(Tree.Scalar))),
    ]);

    private IEnumerable<Node> ClaimsAt(MapNode node, int level, string[] layouts)
    {
        string[] existing = [.. layouts.Where(l => Exists(level, l))];
        return existing.Length == 0 ? [] : [Claim(node, [level], existing)];
    }
}
