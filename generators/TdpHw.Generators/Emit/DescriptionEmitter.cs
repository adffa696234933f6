using System.Globalization;
using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>Writes the parts of a description: what a definition says, as values for people and tools.</summary>
internal static class DescriptionEmitter
{
    /// <summary>The facts of a format and its description.</summary>
    public static GeneratedFile Emit(FormatSpec format, string ns)
    {
        CodeWriter code = FileHead.Start(ns, format.Id);
        code.Summary(format.Doc + ".", format.Cite);
        code.Block($"public readonly partial struct {format.Name} : IPageTableFormat<{format.Name}>", () =>
        {
            code.Line("/// <inheritdoc/>");
            code.Line("public static FormatDescription Description { get; } = Describe();");
            code.Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static CheckOrder CheckOrder => CheckOrder.{(format.IsPermissionFirst ? "PermissionFirst" : "MalformedFirst")};");
            code.Line();
            code.Line("/// <inheritdoc/>");
            code.Line($"public static int IndexBits => {format.IndexBits};");
            code.Line();
            if (format.AddressShift != 0)
            {
                code.Line("/// <inheritdoc/>");
                code.Line($"public static int AddressShift => {format.AddressShift};");
                code.Line();
            }

            if (format.IsCanonical)
            {
                code.Line("/// <inheritdoc/>");
                code.Line("public static bool IsInputSignExtended => true;");
                code.Line();
            }

            WriteDescribe(code, format);
        });
        return new GeneratedFile($"{format.Name}.g.cs", code.ToString());
    }

    /// <summary>An expression for a field's description.</summary>
    public static void WriteField(CodeWriter code, FieldSpec field, EquatableArray<EnumSpec> enums, EquatableArray<CapabilitySpec> capabilities, DisplacementSpec? displacement = null)
    {
        code.Block("new FieldDescription", () =>
        {
            code.Line($"Name = {CodeText.Quote(field.Name)},");
            code.Line($"Symbol = {CodeText.Quote(field.Symbol)},");
            code.Line($"Bits = [{Bits(field.Bits)}],");
            if (field.Position is string position)
            {
                code.Line($"Position = {CodeText.Quote(position)},");
            }

            code.Line($"Levels = 0x{field.Levels.ToString("x", CultureInfo.InvariantCulture)},");
            code.Line($"Layouts = {Layouts(field.Layouts)},");
            if (!field.When.IsAlways)
            {
                code.Line($"Condition = {Condition(field.When, capabilities)},");
            }

            if (field.Role != FieldRole.None)
            {
                code.Line($"Role = FieldRole.{field.Role},");
            }

            if (displacement is not null)
            {
                code.Line($"Displacement = new FieldDisplacement({displacement.Bits}, {CodeText.Quote(displacement.Capability)}),");
            }

            if (field.Enum is string name)
            {
                WriteEnum(code, "Values", enums.First(e => e.Name == name));
            }

            code.Line($"Summary = {CodeText.Quote(field.Doc)},");
            code.Line($"Source = {CodeText.Quote(field.Cite)},");
        }, "},");
    }

    public static string Bits(IEnumerable<BitSpan> bits) => string.Join(", ", bits.Select(b => $"new BitRange({b.High}, {b.Low})"));

    private static string Layouts(EntryLayouts layouts) => string.Join(
        " | ",
        new[] { EntryLayouts.Table, EntryLayouts.Leaf, EntryLayouts.NotPresent }
            .Where(l => (layouts & l) != 0)
            .Select(l => $"EntryLayout.{l}"));

    private static string Condition(ConditionSpec condition, EquatableArray<CapabilitySpec> capabilities)
    {
        uint Mask(EquatableArray<string> names) => capabilities
            .Select((c, i) => names.Contains(c.Name) ? 1u << i : 0)
            .Aggregate(0u, (mask, bit) => mask | bit);
        return $"new CapabilityCondition(0x{Mask(condition.Needs):x}, 0x{Mask(condition.Unless):x})";
    }

    private static void WriteEnum(CodeWriter code, string property, EnumSpec spec)
    {
        code.Line($"{property} = new EnumDescription(");
        code.Indented(() =>
        {
            code.Line($"{CodeText.Quote(spec.Name)},");
            code.Line("[");
            code.Indented(() =>
            {
                foreach (EnumMemberSpec member in spec.Members)
                {
                    code.Line($"new EnumMember({member.Value}, {CodeText.Quote(member.Name)}, {CodeText.Quote(member.Doc)}),");
                }
            });
            code.Line("]),");
        });
    }

    private static void WriteDescribe(CodeWriter code, FormatSpec format)
    {
        code.Line("private static FormatDescription Describe() => new()");
        code.Line("{");
        code.Indented(() =>
        {
            code.Line($"Id = {CodeText.Quote(format.Id)},");
            code.Line($"Name = {CodeText.Quote(format.Name)},");
            code.Line($"Summary = {CodeText.Quote(format.Doc)},");
            List(code, "Sources", format.Sources, s => code.Line($"new SourceDescription({CodeText.Quote(s.Key)}, {CodeText.Quote(s.Title)}),"));
            code.Line($"InputName = {CodeText.Quote(format.InputName)},");
            code.Line($"PageShift = {format.PageShift},");
            code.Line($"IndexBits = {format.IndexBits},");
            code.Line("CheckOrder = CheckOrder,");
            if (format.MalformedWord is string word)
            {
                code.Line($"MalformedWord = {CodeText.Quote(word)},");
            }

            if (format.IsCanonical)
            {
                code.Line("IsInputSignExtended = true,");
            }

            if (format.RequiredRights.Count != 0)
            {
                code.Line($"RequiredRights = {RuleText.Rights(format.RequiredRights)},");
            }

            List(code, "Levels", format.Levels, l => code.Line(l.ManualLevel is int manual
                ? $"new LevelDescription({l.Level}, {CodeText.Quote(l.EntryName)}, {manual}),"
                : $"new LevelDescription({l.Level}, {CodeText.Quote(l.EntryName)}),"));
            List(code, "Walks", format.Walks, w => WriteWalk(code, w, format));
            List(code, "Capabilities", format.Capabilities, c => WriteCapability(code, c));
            List(code, "Fields", format.Fields, f => WriteField(code, f, format.Enums, format.Capabilities));
            List(code, "BitRules", format.BitRules, r => WriteBitRule(code, r, format));
            List(code, "IllegalRules", format.IllegalRules, r =>
            {
                code.Line("new IllegalRuleDescription(");
                code.Indented(() => code.Line($"{CodeText.Quote(r.Name)}, {CodeText.Quote(r.Doc)}, {CodeText.Quote(r.Cite)}),"));
            });
            List(code, "Windows", format.Windows, w => WriteWindow(code, w));
            if (format.Capabilities.FirstOrDefault(c => c.Property == format.AddressLimit) is CapabilitySpec limit)
            {
                code.Line($"AddressLimit = {CodeText.Quote(limit.Name)},");
            }

            if (format.Fields.FirstOrDefault(f => f.Role == FieldRole.MemoryType)?.Enum is string types)
            {
                WriteEnum(code, "MemoryTypes", format.Enums.First(e => e.Name == types));
            }
        });
        code.Line("};");
    }

    private static void WriteWalk(CodeWriter code, WalkSpec walk, FormatSpec format)
    {
        string shape = $"new WalkShape({walk.Levels}, {walk.InputBits}), {Condition(walk.When, format.Capabilities)}";
        string from = format.Capabilities.FirstOrDefault(c => c.Property == walk.InputFrom) is CapabilitySpec width
            ? $", {CodeText.Quote(width.Name)}, {walk.LeastInputBits}"
            : "";
        code.Line($"new WalkDescription({shape}{from}),");
    }

    /// <summary>A property that is a list, an item a line or more.</summary>
    public static void List<T>(CodeWriter code, string property, EquatableArray<T> items, Action<T> write)
    {
        if (items.Count == 0)
        {
            code.Line($"{property} = [],");
            return;
        }

        code.Line($"{property} =");
        code.Line("[");
        code.Indented(() =>
        {
            foreach (T item in items)
            {
                write(item);
            }
        });
        code.Line("],");
    }

    /// <summary>An expression for a capability's description.</summary>
    public static void WriteCapability(CodeWriter code, CapabilitySpec capability) =>
        code.Block("new CapabilityDescription", () =>
        {
            code.Line($"Name = {CodeText.Quote(capability.Name)},");
            code.Line($"Kind = CapabilityKind.{capability.Kind},");
            if (capability.Kind != CapabilityKind.Flag)
            {
                code.Line($"Minimum = {capability.Minimum},");
                code.Line($"Maximum = {capability.Maximum},");
            }

            if (capability.Default is int value)
            {
                code.Line($"Default = {CodeText.Number(value)},");
            }

            if (capability.From is RegisterFieldReference from)
            {
                string names = string.Join(", ", from.RegisterNames.Select(CodeText.Quote));
                code.Line($"From = new RegisterField([{names}], {CodeText.Hex(from.Mask)}),");
            }

            code.Line($"Summary = {CodeText.Quote(capability.Doc)},");
            code.Line($"Source = {CodeText.Quote(capability.Cite)},");
        }, "},");

    private static void WriteWindow(CodeWriter code, WindowSpec window) =>
        code.Block("new AddressWindow", () =>
        {
            code.Line($"Name = {CodeText.Quote(window.Name)},");
            code.Line($"First = {CodeText.Hex(window.First)},");
            code.Line($"Last = {CodeText.Hex(window.Last)},");
            code.Line($"IsInputBypassed = {(window.IsInputBypassed ? "true" : "false")},");
            code.Line($"IsOutputBlocked = {(window.IsOutputBlocked ? "true" : "false")},");
            code.Line($"Summary = {CodeText.Quote(window.Doc)},");
            code.Line($"Source = {CodeText.Quote(window.Cite)},");
        }, "},");

    private static void WriteBitRule(CodeWriter code, BitRuleSpec rule, FormatSpec format) =>
        code.Block("new BitRuleDescription", () =>
        {
            code.Line($"Status = BitStatus.{rule.Status},");
            code.Line($"Bits = [{Bits(rule.Bits)}],");
            code.Line($"Levels = 0x{rule.Levels.ToString("x", CultureInfo.InvariantCulture)},");
            code.Line($"Layouts = {Layouts(rule.Layouts)},");
            if (!rule.When.IsAlways)
            {
                code.Line($"Condition = {Condition(rule.When, format.Capabilities)},");
            }

            code.Line($"Source = {CodeText.Quote(rule.Cite)},");
        }, "},");
}
