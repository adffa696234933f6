using Microsoft.CodeAnalysis.CSharp;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>
/// Writes a format's walk, unrolled: a block for each level with the manual's names and literal masks. What depends on a
/// capability is asked of the rules, behind a literal test that the usual entry does not pass. Entries that name another level than
/// the one below, or their own size, are left to the walk of any format.
/// </summary>
internal sealed class WalkEmitter
{
    private static readonly string[] Taken =
        ["memory", "root", "address", "access", "table", "rights", "rules", "slot", "entry"];

    private readonly FormatSpec _format;
    private readonly string _input;
    private readonly IReadOnlyList<string> _rights;

    private WalkEmitter(FormatSpec format)
    {
        _format = format;
        _rights = LiteralRights.Of(format, test => Constant(test));

        // As the manual calls it, where that is a name and none that the walk uses itself.
        string name = format.InputName.ToLowerInvariant();
        _input = SyntaxFacts.IsValidIdentifier(name) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && !Taken.Contains(name) && !name.StartsWith("output", StringComparison.Ordinal)
            ? name
            : "input";
    }

    public static GeneratedFile Emit(FormatSpec format, string ns) => new WalkEmitter(format).Emit(ns);

    private GeneratedFile Emit(string ns)
    {
        bool hasOwnRights = IsUnrollable && _rights.Count != 0;
        CodeWriter code = FileHead.Start(ns, _format.Id, hasOwnRights ? ["System.Runtime.CompilerServices"] : []);
        code.Block($"public readonly partial struct {_format.Name}", () =>
        {
            code.Line("/// <inheritdoc/>");
            code.Lines(
                "public static WalkResult Walk<TMemory>(",
                $"    in TMemory memory, Root<{_format.Name}> root, InputAddress address, Access access = Access.None)");
            code.Line("    where TMemory : struct, IPhysicalMemory");
            code.Line("{");
            code.Indented(() => WriteBody(code));
            code.Line("}");
            if (hasOwnRights)
            {
                code.Line();
                WriteRights(code);
            }
        });
        return new GeneratedFile($"{_format.Name}.Walk.g.cs", code.ToString());
    }

    private bool IsUnrollable => _format.Levels.All(l => UsualLayouts.Of(l) is UsualLayouts usual
        && l.TableAddress.Terms.Count == 0
        && l.LeafAddress.Terms.Count == 0
        && usual.Illegal.All(i => !i.Test.DependsOnLimit && i.Test.Flip == 0))
        && _format.AddressShift == 0
        && _format.HighAddressShift == 0
        && _format.Walks.All(w => w.InputFrom is null && w.InputBits <= Shift(w.Levels) + _format.IndexBits);

    private int Shift(int level) => _format.Levels[level - 1].Shift;

    /// <summary>What a level's entry grants by itself.</summary>
    private string RightsOfEntry => _rights.Count != 0 ? "RightsOf(rules, entry)" : "rules.RightsOf(entry)";

    private void WriteRights(CodeWriter code)
    {
        code.Doc("summary", "The rights that a present entry grants by itself.");
        code.Line("[MethodImpl(MethodImplOptions.AggressiveInlining)]");
        code.Line("private static Rights RightsOf(LevelRules rules, ulong entry) =>");
        code.Indented(() =>
        {
            for (int i = 0; i < _rights.Count; i++)
            {
                code.Line($"{(i == 0 ? "" : "| ")}{_rights[i]}{(i == _rights.Count - 1 ? ";" : "")}");
            }
        });
    }

    private void WriteBody(CodeWriter code)
    {
        if (!IsUnrollable)
        {
            code.Comment("The shape of this format's entries depends on too much to be unrolled.");
            code.Line($"return FormatWalk.Walk<{_format.Name}, TMemory>(in memory, root, address, access);");
            return;
        }

        code.Block("if (!root.Covers(address))", () => code.Line("return WalkResult.TooWide;"));
        code.Line();
        code.Line($"ulong {_input} = address.Value;");
        code.Line("ulong table = root.Table.Value;");
        code.Line("Rights rights = root.Rights;");
        if (_format.IsPermissionFirst)
        {
            code.Line("Rights granted;");
        }

        code.Line("LevelRules rules;");
        code.Line("ulong slot;");
        code.Line("ulong entry;");
        int shallowest = _format.Walks.Count == 0 ? _format.Levels.Count : _format.Walks.Min(w => w.Levels);
        for (int level = _format.Levels.Count; level >= 1; level--)
        {
            LevelSpec spec = _format.Levels[level - 1];
            code.Line();
            int high = Math.Min(63, spec.Shift + _format.IndexBits - 1);
            code.Comment($"{spec.EntryName}, selected by bits {high}:{spec.Shift} of the address.");
            if (level > shallowest)
            {
                code.Block($"if (root.Levels >= {level})", () => WriteLevel(code, spec));
            }
            else if (!WriteLevel(code, spec))
            {
                // No walk comes to the levels below but by an entry that is left to the walk of any format.
                break;
            }
        }
    }

    /// <returns>Whether the walk goes on with the level below.</returns>
    private bool WriteLevel(CodeWriter code, LevelSpec level)
    {
        ulong indexMask = ((1ul << _format.IndexBits) - 1) << 3;
        code.Line($"rules = root.Rules[{level.Level}];");
        code.Line($"slot = table + (({_input} >> {level.Shift - 3}) & {CodeText.Hex(indexMask)});");
        Guard(code, "!memory.TryReadEntry(new(slot), out entry)", "NotInMemory", level, "0");
        code.Line();
        Guard(code, NotPresent(level), "NotPresent", level, "entry");
        code.Line();
        if (_format.IsPermissionFirst)
        {
            code.Line($"granted = rights & {RightsOfEntry};");
            code.Block($"if (({Effective("granted")} & access.Needed()) != access.Needed())", () =>
                code.Line($"return WalkResult.Stopped(WalkOutcome.PermissionDenied, {level.Level}, granted, entry, slot);"));
            code.Line();
        }

        UsualLayouts usual = UsualLayouts.Of(level)!;
        if (usual.Leaf is Selector leaf && usual.Table is not null)
        {
            code.Block($"if ({Equal(leaf.Mask, leaf.Value)})", () => WriteLeaf(code, level, leaf));
            code.Line();
        }

        Selector last = usual.Table ?? usual.Leaf!.Value;
        if (!usual.AreAll)
        {
            code.Block($"if ({NotEqual(last.Mask, last.Value)})", () =>
            {
                code.Comment($"It {Unusual(level)}.");
                code.Line($"return FormatWalk.Continue(in memory, root, address, access, {level.Level}, rights, entry, new(slot));");
            });
            code.Line();
        }

        if (usual.Table is not null)
        {
            return WriteTable(code, level, last);
        }

        WriteLeaf(code, level, last);
        return false;
    }

    /// <summary>What an entry does that is neither of the usual ones.</summary>
    private static string Unusual(LevelSpec level)
    {
        string[] can =
        [
            .. level.Level > 2 ? ["skips levels"] : Array.Empty<string>(),
            .. level.CodedAddress.IsEmpty ? Array.Empty<string>() : ["says itself how large its page is"],
        ];
        return can.Length == 0 ? "is refused" : $"{string.Join(", ", can)}{(can.Length > 1 ? "," : "")} or is refused";
    }

    private void WriteLeaf(CodeWriter code, LevelSpec level, Selector selector)
    {
        // The row that is written is the first one; what others refuse is left to the walk of any format.
        bool isRefusable = !level.Leaf[0].Supported.IsAlways;
        Guard(code, isRefusable ? "(entry & (rules.LeafReserved | rules.RefusedReserved)) != 0" : "(entry & rules.LeafReserved) != 0", "ReservedBitSet", level, "entry");
        code.Line();
        if (!TryGuardIllegal(code, level, EntryLayouts.Leaf, selector))
        {
            return;
        }

        code.Line(_format.IsPermissionFirst ? "rights = granted;" : $"rights &= {RightsOfEntry};");

        string page = Address(level.LeafAddress, level.LeafReserved) ?? "rules.LeafAddress";
        code.Line($"ulong output{level.Level} = (entry & {page}) | ({_input} & {CodeText.Hex((1ul << level.Shift) - 1)});");
        code.Call(
            "return WalkResult.Reached",
            $"{level.Level}, {Effective("rights")}, access, entry, slot, output{level.Level}, {level.Shift}");
    }

    /// <returns>Whether some table entry is not refused.</returns>
    private bool WriteTable(CodeWriter code, LevelSpec level, Selector selector)
    {
        Guard(code, "(entry & rules.TableReserved) != 0", "ReservedBitSet", level, "entry");
        code.Line();
        if (!TryGuardIllegal(code, level, EntryLayouts.Table, selector))
        {
            return false;
        }

        code.Line(_format.IsPermissionFirst ? "rights = granted;" : $"rights &= {RightsOfEntry};");

        code.Line($"table = entry & {Address(level.TableAddress, level.TableReserved) ?? "rules.TableAddress"};");
        return true;
    }

    /// <summary>The bits of an address as a literal; null where it is not refused for the bits that a capability takes from it.</summary>
    private static string? Address(MaskSpec address, MaskSpec reserved) =>
        address.Except.Count > 0 || (address.WithinLimit & ~reserved.BeyondLimit) != 0
            ? null
            : CodeText.Hex(address.Always | address.WithinLimit);

    /// <summary>What rights along the path are worth, where every access needs some of them.</summary>
    private string Effective(string rights) => _format.RequiredRights.Count == 0 ? rights : $"rules.Effective({rights})";

    /// <returns>Whether some entry passes: where all are refused, there is nothing left to write.</returns>
    private bool TryGuardIllegal(CodeWriter code, LevelSpec level, EntryLayouts layout, Selector selector)
    {
        if (level.Illegal.FirstOrDefault(i => UsualLayouts.AlwaysRefuses(i, layout, selector)) is IllegalSpec always)
        {
            code.Comment($"Refused: {_format.IllegalRules[always.Name].Name}.");
            Stop(code, "IllegalEncoding", level, "entry");
            return false;
        }

        IllegalSpec[] possible = [.. level.Illegal.Where(i => (i.Layouts & layout) != 0 && !selector.RulesOut(i.Test))];
        string[] conditions =
        [
            .. possible
                .Select(i => i.When.IsAlways && i.Test.IsConstant
                    ? Constant(i.Test, selector.Mask)
                    : $"({Screen(i.Test)} && rules.IsIllegal(entry, EntryLayout.{layout}))"),
        ];
        if (conditions.Length == 0)
        {
            return true;
        }

        string[] names = [.. possible.Select(i => _format.IllegalRules[i.Name].Name).Distinct()];
        code.Comment("Refused: " + string.Join(", ", names) + ".");
        code.Line($"if ({conditions[0]}{(conditions.Length == 1 ? ")" : "")}");
        code.Indented(() =>
        {
            for (int i = 1; i < conditions.Length; i++)
            {
                code.Line($"|| {conditions[i]}{(i == conditions.Length - 1 ? ")" : "")}");
            }
        });
        code.Line("{");
        code.Indented(() => Stop(code, "IllegalEncoding", level, "entry"));
        code.Line("}");
        code.Line();
        return true;
    }

    private static string NotPresent(LevelSpec level)
    {
        // The first part is enough for entries that are present whatever the capabilities are.
        string[] certain =
        [
            .. level.Present.Where(p => p.When.IsAlways && p.Test.IsConstant).Select(p => Not(p.Test))
            .Concat(level.Present
                .Where(p => p.When.IsAlways && !p.Test.IsConstant && p.Test.Matches.Count == 0 && p.Test.AnyMask != 0)
                .Select(p => $"(entry & {CodeText.Hex(p.Test.AnyMask)}) == {Flipped(p.Test)}")),
        ];
        bool isComplete = level.Present.All(p => p.When.IsAlways && p.Test.IsConstant);
        return string.Join(" && ", isComplete ? certain : [.. certain, "!rules.IsPresent(entry)"]);
    }

    /// <summary>A literal condition, without the bits that are known to be as it wants them.</summary>
    private static string Constant(TestSpec test, ulong known = 0)
    {
        ulong mask = test.Mask & ~known;
        string equal = mask == 0 ? "" : Equal(mask, test.Value & mask);
        string any = test.AnyMask == 0 ? "" : $"(entry & {CodeText.Hex(test.AnyMask)}) != {Flipped(test)}";
        return equal.Length == 0 ? any : any.Length == 0 ? equal : $"({equal} && {any})";
    }

    /// <summary>What the bits of which one must differ are where none does.</summary>
    private static string Flipped(TestSpec test) => (test.Flip & test.AnyMask) == 0 ? "0" : CodeText.Hex(test.Flip & test.AnyMask);

    private static string Not(TestSpec test)
    {
        bool isOneBit = test.Any.Count == 0 && test.Value == test.Mask && (test.Mask & (test.Mask - 1)) == 0;
        return isOneBit && test.Mask != 0 ? $"(entry & {CodeText.Hex(test.Mask)}) == 0" : "!" + Parenthesised(Constant(test));
    }

    /// <summary>A literal condition that every entry passes which the test could match under some capabilities.</summary>
    private static string Screen(TestSpec test) => test.Mask == 0 ? "entry != 0" : Equal(test.Mask, test.Value);

    private static string Equal(ulong mask, ulong value) => value == mask && (mask & (mask - 1)) == 0
        ? $"(entry & {CodeText.Hex(mask)}) != 0"
        : $"(entry & {CodeText.Hex(mask)}) == {CodeText.Hex(value)}";

    private static string NotEqual(ulong mask, ulong value) => value == 0
        ? $"(entry & {CodeText.Hex(mask)}) != 0"
        : $"(entry & {CodeText.Hex(mask)}) != {CodeText.Hex(value)}";

    private static string Parenthesised(string condition) =>
        condition.StartsWith("((", StringComparison.Ordinal) ? condition : $"({condition})";

    private static void Guard(CodeWriter code, string condition, string outcome, LevelSpec level, string entry) =>
        code.Block($"if ({condition})", () => Stop(code, outcome, level, entry));

    private static void Stop(CodeWriter code, string outcome, LevelSpec level, string entry) =>
        code.Line($"return WalkResult.Stopped(WalkOutcome.{outcome}, {level.Level}, rights, {entry}, slot);");
}
