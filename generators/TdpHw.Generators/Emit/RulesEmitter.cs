using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes how a format's rules follow from capabilities.</summary>
internal sealed class RulesEmitter
{
    private readonly FormatSpec _format;
    private readonly RuleText _text;

    private RulesEmitter(FormatSpec format)
    {
        _format = format;
        _text = new RuleText(format.Capabilities);
    }

    public static GeneratedFile Emit(FormatSpec format, string ns) => new RulesEmitter(format).Emit(ns);

    private GeneratedFile Emit(string ns)
    {
        CodeWriter code = FileHead.Start(ns, _format.Id);
        code.Block($"public readonly partial struct {_format.Name}", () =>
        {
            code.Line("/// <inheritdoc/>");
            code.Line($"public static FormatRules<{_format.Name}> RulesFor(CapabilityValues capabilities) =>");
            code.Indented(() => code.Line($"RulesFor({_format.Name}Capabilities.From(capabilities));"));
            code.Line();
            code.Doc("summary", "Resolves the format's rules for a machine.");
            code.Doc("param", "What the machine can do.", " name=\"capabilities\"");
            code.Doc("exception", "A width is out of its bounds.", " cref=\"System.ArgumentOutOfRangeException\"");
            code.Block($"public static FormatRules<{_format.Name}> RulesFor(in {_format.Name}Capabilities capabilities)", () =>
            {
                code.Line("CapabilityValues values = capabilities.ToValues();");
                if (_format.AddressLimit is string limit)
                {
                    string shift = _format.AddressShift == 0 ? "" : $" >> {_format.AddressShift}";
                    code.Line($"ulong within = ulong.MaxValue >> (64 - capabilities.{limit}){shift};");
                    if (_format.HighAddressShift != 0)
                    {
                        code.Line($"ulong withinHigh = ulong.MaxValue >> (64 - capabilities.{limit}) >> {_format.HighAddressShift};");
                    }
                }

                foreach (CapabilitySpec position in _format.Capabilities.Where(c => _format.Fields.Any(f => f.Position == c.Name)))
                {
                    string bit = CodeText.Local(position.Property, "capabilities", "values", "within", "withinHigh");
                    code.Line(position.Kind == CapabilityKind.Width
                        ? $"ulong {RuleText.PositionLocal(position.Property)} = 1ul << capabilities.{position.Property};"
                        : $"ulong {RuleText.PositionLocal(position.Property)} = capabilities.{position.Property} is int {bit} ? 1ul << {bit} : 0;");
                }

                code.Line($"return new FormatRules<{_format.Name}>(");
                code.Indented(() =>
                {
                    code.Line("values,");
                    WriteWalks(code);
                    int top = BitSpans.FromMask(_format.AddressSpan).Select(s => s.High + 1 + _format.AddressShift).DefaultIfEmpty(64).First();
                    code.Line(_format.AddressLimit is string width ? $"capabilities.{width}," : $"{top},");
                    for (int i = 0; i < _format.Levels.Count; i++)
                    {
                        WriteLevel(code, _format.Levels[i], i == _format.Levels.Count - 1 ? "});" : "},");
                    }
                });
            });
        });
        return new GeneratedFile($"{_format.Name}.Rules.g.cs", code.ToString());
    }

    private void WriteWalks(CodeWriter code)
    {
        (string Shape, string Condition)[] walks = [.. _format.Walks.Select(w => (Shape(w), Condition(w)))];
        string[] certain = [.. walks.Where(w => w.Condition.Length == 0).Select(w => w.Shape)];
        if (certain.Length == walks.Length)
        {
            code.Line($"[{string.Join(", ", certain)}],");
        }
        else if (certain.Length == walks.Length - 1)
        {
            // A choice between two lists: a spread of an empty one is generic code that each process compiles anew.
            code.Line(walks.Single(w => w.Condition.Length != 0).Condition);
            code.Indented(() =>
            {
                code.Line($"? [{string.Join(", ", walks.Select(w => w.Shape))}]");
                code.Line($": [{string.Join(", ", certain)}],");
            });
        }
        else
        {
            code.Line("[");
            code.Indented(() => code.Lines(
            [
                .. walks.Select(w => w.Condition.Length == 0
                    ? $"{w.Shape},"
                    : $".. {w.Condition} ? [{w.Shape}] : System.ReadOnlySpan<WalkShape>.Empty,"),
            ]));
            code.Line("],");
        }
    }

    private static string Shape(WalkSpec walk) => $"new WalkShape({walk.Levels}, {InputWidth(walk)})";

    private string Condition(WalkSpec walk) => string.Join(
        " && ",
        new[]
        {
            _text.Condition(walk.When),
            walk.InputFrom is null ? "" : $"{InputWidth(walk)} is >= {walk.LeastInputBits} and <= {walk.InputBits}",
        }.Where(c => c.Length != 0));

    private static string InputWidth(WalkSpec walk) =>
        walk.InputFrom is null ? CodeText.Number(walk.InputBits) : "capabilities." + walk.InputFrom;

    private void WriteLevel(CodeWriter code, LevelSpec level, string close)
    {
        code.Block("new LevelRules", () =>
        {
            code.Comment(level.EntryName);
            code.Line($"Level = {level.Level},");
            code.Line($"Shift = {level.Shift},");
            code.Line($"Present = new EntryTests({string.Join(", ", level.Present.Select(p => _text.Test(p.Test, p.When)))}),");
            code.Line(level.Leaf.Count == 0
                ? "Leaf = [],"
                : $"Leaf = [{string.Join(", ", level.Leaf.Select(Leaf))}],");
            WriteIllegal(code, level);
            WriteMask(code, "LeafReserved", level.LeafReserved);
            WriteMask(code, "TableReserved", level.TableReserved);
            WriteRefused(code, level);
            WriteMask(code, "LeafRes0", level.LeafRes0);
            WriteMask(code, "TableRes0", level.TableRes0);
            WriteMask(code, "LeafIgnored", level.LeafIgnored);
            WriteMask(code, "TableIgnored", level.TableIgnored);
            WriteMask(code, "LeafAddress", level.LeafAddress);
            WriteMask(code, "TableAddress", level.TableAddress);
            WriteMask(code, "CodedAddress", level.CodedAddress);
            WriteMask(code, "HighAddress", level.HighAddress);
            if (_format.AddressShift != 0)
            {
                code.Line($"AddressShift = {_format.AddressShift},");
            }

            if (_format.HighAddressShift != 0)
            {
                code.Line($"HighAddressShift = {_format.HighAddressShift},");
            }

            if (level.NextLevel != 0)
            {
                code.Line($"NextLevel = {CodeText.Hex(level.NextLevel)},");
            }

            WriteMask(code, "LeafAccessed", level.LeafAccessed);
            WriteMask(code, "TableAccessed", level.TableAccessed);
            WriteMask(code, "LeafDirty", level.LeafDirty);
            WriteMask(code, "LeafMemoryType", level.LeafMemoryType);
            foreach (string right in RightRows.Names)
            {
                WriteRight(code, level, right);
            }

            WriteFurtherRights(code, level);
            if (level.HasTable && level.GrantedByTables.Count != 0)
            {
                code.Line($"GrantedByTables = {RuleText.Rights(level.GrantedByTables)},");
            }

            if (_format.RequiredRights.Count != 0)
            {
                code.Line($"RequiredRights = {RuleText.Rights(_format.RequiredRights)},");
            }
        }, close);
    }

    private string Leaf(LeafSpec leaf)
    {
        string supported = leaf.Supported.IsAlways ? "true" : _text.Condition(leaf.Supported);
        string size = leaf.Size == PageSizeCode.Level ? "" : $", PageSizeCode.{leaf.Size}";
        return $"new LeafRule({_text.Test(leaf.Test, leaf.When)}, {supported}{size})";
    }

    private void WriteIllegal(CodeWriter code, LevelSpec level)
    {
        if (level.Illegal.Count == 0)
        {
            code.Line("Illegal = [],");
            return;
        }

        code.Line("Illegal =");
        code.Line("[");
        code.Indented(() =>
        {
            foreach (IllegalSpec rule in level.Illegal)
            {
                string layouts = rule.Layouts switch
                {
                    EntryLayouts.Leaf => "EntryLayout.Leaf",
                    EntryLayouts.Table => "EntryLayout.Table | EntryLayout.RefusedLeaf",
                    _ => "EntryLayout.Present",
                };
                code.Comment(_format.IllegalRules[rule.Name].Name);
                code.Line("new IllegalRule(");
                code.Indented(() =>
                {
                    IReadOnlyList<string> parts = _text.TestParts(rule.Test, rule.When);
                    code.Line(parts[0] + (parts.Count == 1 ? "," : ""));
                    code.Indented(() =>
                    {
                        for (int i = 1; i < parts.Count; i++)
                        {
                            code.Line(parts[i] + (i == parts.Count - 1 ? "," : ""));
                        }
                    });
                    code.Line($"{layouts},");
                    code.Line($"{rule.Name}),");
                });
            }
        });
        code.Line("],");
    }

    private void WriteMask(CodeWriter code, string property, MaskSpec mask)
    {
        if (!mask.IsEmpty)
        {
            code.Terms($"{property} = ", _text.Mask(mask), "|", ",");
        }
    }

    private void WriteRefused(CodeWriter code, LevelSpec level)
    {
        LeafSpec[] refusable = [.. level.Leaf.Where(l => !l.Supported.IsAlways)];
        if (refusable.Length == 0)
        {
            return;
        }

        ulong selectors = refusable.Aggregate(
            0ul,
            (bits, l) => bits | l.Test.Matches.Aggregate(0ul, (m, match) => m | match.Mask) | l.Test.Any.Aggregate(0ul, (m, any) => m | any.Mask));
        MaskSpec refused = level.LeafReserved with { Always = level.LeafReserved.Always | selectors };
        string never = string.Join(" && ", refusable.Select(l => $"({_text.Condition(l.Supported)})").Distinct());
        string condition = never.StartsWith("(", StringComparison.Ordinal) && !never.Contains("&&")
            ? never.Substring(1, never.Length - 2)
            : never;
        code.Line($"RefusedReserved = {condition}");
        code.Indented(() =>
        {
            // Literals alone would make an int of the choice.
            bool isLiteral = refused == MaskSpec.Empty with { Always = refused.Always };
            code.Line(isLiteral ? "? 0ul" : "? 0");
            code.Terms(": ", _text.Mask(refused), "|", ",");
        });
    }

    private void WriteRight(CodeWriter code, LevelSpec level, string right)
    {
        // Of several rows under the same capabilities one is the right's own test, the others come after.
        RightSpec[] rows = [.. RightRows.Of(level, right).GroupBy(r => r.When).Select(g => g.First())];
        if (rows.Length == 0)
        {
            return;
        }

        // The row of a capability that is there reads before the row of one that is not.
        rows = [.. rows.OrderBy(r => r.When.IsAlways).ThenBy(r => r.When.Needs.Count == 0)];
        string value = "EntryTest.Never";
        for (int i = rows.Length - 1; i >= 0; i--)
        {
            bool isLastOfTwo = i == rows.Length - 1 && i > 0 && rows[i - 1].When.IsOpposite(rows[i].When);
            string test = _text.Test(rows[i].Test, rows[i].When, isAssumed: true);
            value = rows[i].When.IsAlways || isLastOfTwo ? test
                : $"{_text.Condition(rows[i].When)} ? {Nested(test)} : {value}";
        }

        code.Line($"{right} = {value},");
    }

    private void WriteFurtherRights(CodeWriter code, LevelSpec level)
    {
        (string Right, RightSpec Row)[] further =
        [
            .. RightRows.Names.SelectMany(right => RightRows.FurtherOf(level, right).Select(row => (right, row))),
        ];
        if (further.Length == 0)
        {
            return;
        }

        code.Line("FurtherRights =");
        code.Line("[");
        code.Indented(() => code.Lines(
            [.. further.Select(f => $"new RightRule(Rights.{f.Right}, {_text.Test(f.Row.Test, f.Row.When)}),")]));
        code.Line("],");
    }

    private static string Nested(string test) => test.Contains(" ? ") ? $"({test})" : test;
}
