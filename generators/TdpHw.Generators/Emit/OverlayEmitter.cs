using TdpHw.Generators.Model;

namespace TdpHw.Generators.Emit;

/// <summary>
/// Writes an overlay: an interface of static members, a struct for each variant that implements it (so that code which is
/// generic over the variant costs nothing), and the description.
/// </summary>
internal sealed class OverlayEmitter
{
    private readonly OverlaySpec _overlay;
    private readonly string _entry;
    private readonly string _ns;

    private OverlayEmitter(OverlaySpec overlay, string ns)
    {
        _overlay = overlay;
        _entry = overlay.BaseName + "Entry";
        _ns = ns;
    }

    public static IEnumerable<GeneratedFile> Emit(OverlaySpec overlay, string ns)
    {
        var emitter = new OverlayEmitter(overlay, ns);
        yield return emitter.EmitInterface();
        foreach (OverlayVariantSpec variant in overlay.Variants)
        {
            yield return emitter.EmitVariant(variant);
        }

        yield return emitter.EmitDescription();
    }

    private string InterfaceName => "I" + _overlay.Name;

    private GeneratedFile EmitInterface()
    {
        CodeWriter code = FileHead.Start(_ns, _overlay.Id);
        code.Summary(_overlay.Doc + ": what all variants have.", _overlay.Cite);
        code.Doc("typeparam", "The variant.", " name=\"TSelf\"");
        code.Line($"public interface {InterfaceName}<TSelf>");
        code.Indented(() => code.Line($"where TSelf : struct, {InterfaceName}<TSelf>"));
        code.Line("{");
        code.Indented(() =>
        {
            bool isFirst = true;
            foreach (OverlayMember member in CommonMembers())
            {
                if (!isFirst)
                {
                    code.Line();
                }

                isFirst = false;
                code.Summary(member.Summary, member.Cite);
                code.Line($"static abstract {member.Signature}{(member.IsProperty ? " { get; }" : ";")}");
            }
        });
        code.Line("}");
        return new GeneratedFile($"{InterfaceName}.g.cs", code.ToString());
    }

    private IEnumerable<OverlayMember> CommonMembers()
    {
        IEnumerable<OverlayMember> first = _overlay.Variants.Count == 0 ? [] : Members(_overlay.Variants[0]);
        return first.Where(m => _overlay.Variants.All(v => Members(v).Any(other => other.Signature == m.Signature)));
    }

    private GeneratedFile EmitVariant(OverlayVariantSpec variant)
    {
        string name = _overlay.Name + variant.Name;
        CodeWriter code = FileHead.Start(_ns, _overlay.Id, "System");
        code.Summary($"{_overlay.Doc}; {variant.Doc}.", _overlay.Cite);
        code.Block($"public readonly struct {name} : {InterfaceName}<{name}>", () =>
        {
            bool isFirst = true;
            foreach (OverlayMember member in Members(variant))
            {
                if (!isFirst)
                {
                    code.Line();
                }

                isFirst = false;
                code.Line("/// <inheritdoc/>");
                if (member.Body.Count == 1)
                {
                    code.Expression($"public static {member.Signature}", member.Body[0]);
                }
                else
                {
                    code.Line($"public static {member.Signature}");
                    code.Line("{");
                    code.Indented(() => code.Lines([.. member.Body]));
                    code.Line("}");
                }
            }
        });
        return new GeneratedFile($"{name}.g.cs", code.ToString());
    }

    private IEnumerable<OverlayMember> Members(OverlayVariantSpec variant)
    {
        yield return new OverlayMember(
            "ulong MustBeZero",
            true,
            "Bits that the software leaves zero in every entry, beyond what the hardware reserves.",
            "",
            [CodeText.Hex(variant.Zero)]);
        foreach (FieldSpec field in variant.Fields)
        {
            foreach (OverlayMember member in FieldMembersOf(field))
            {
                yield return member;
            }
        }

        yield return new OverlayMember(
            $"{_entry} Empty", true, "The entry that the software writes where there is nothing.", "", [$"new({CodeText.Hex(variant.EmptyValues[0])})"]);
        yield return new OverlayMember(
            $"bool IsEmpty({_entry} entry)", false, "Whether the entry holds nothing.", "", [Among(variant.EmptyValues)]);
        foreach (EncodingSpec encoding in variant.Encodings)
        {
            foreach (OverlayMember member in EncodingMembers(encoding))
            {
                yield return member;
            }
        }
    }

    private IEnumerable<OverlayMember> FieldMembersOf(FieldSpec field)
    {
        string mask = CodeText.Hex(field.Mask);
        string bits = CodeText.Capitalised(field.Doc);
        yield return new OverlayMember($"ulong {field.Name}Mask", true, $"{bits}: its bits.", field.Cite, [mask]);
        if (field.Bits.Width() == 1)
        {
            yield return new OverlayMember(
                $"bool {field.Name}({_entry} entry)", false, bits + ".", field.Cite, [$"(entry.Raw & {mask}) != 0"]);
            yield return new OverlayMember(
                $"{_entry} With{field.Name}({_entry} entry, bool value)",
                false,
                $"The entry with {field.Name} as given.",
                field.Cite,
                [$"new(value ? entry.Raw | {mask} : entry.Raw & ~{mask}ul)"]);
            yield break;
        }

        string type = field.Enum ?? "ulong";
        string extract = FieldMembers.Extract(field.Bits, "entry.Raw");
        yield return new OverlayMember(
            $"{type} {field.Name}({_entry} entry)",
            false,
            bits + ".",
            field.Cite,
            [field.Enum is null ? FieldMembers.Unwrapped(extract) : $"({type})({FieldMembers.Unwrapped(extract)})"]);
        yield return new OverlayMember(
            $"{_entry} With{field.Name}({_entry} entry, {type} value)",
            false,
            $"The entry with {field.Name} as given.",
            field.Cite,
            [
                $"ulong number = {(field.Enum is null ? "value" : "(ulong)value")};",
                $"ArgumentOutOfRangeException.ThrowIfGreaterThan(number, {CodeText.Hex(field.Bits.Largest())}ul, nameof(value));",
                $"return new((entry.Raw & ~{mask}ul) | {FieldMembers.Deposit(field.Bits, "number")});",
            ]);
    }

    private IEnumerable<OverlayMember> EncodingMembers(EncodingSpec encoding)
    {
        string name = Binding.PascalCase.From(encoding.Name);
        string summary = CodeText.Capitalised(encoding.Doc);
        if (encoding.Values.Count > 0)
        {
            yield return new OverlayMember(
                $"{_entry} {name}", true, summary + ": the entry that the software writes.", encoding.Cite, [$"new({CodeText.Hex(encoding.Values[0])})"]);
            yield return new OverlayMember(
                $"bool Is{name}({_entry} entry)", false, summary + ".", encoding.Cite, [Among(encoding.Values)]);
            yield break;
        }

        yield return new OverlayMember(
            $"bool Is{name}({_entry} entry)",
            false,
            summary + ".",
            encoding.Cite,
            [$"(entry.Raw & {CodeText.Hex(encoding.Mask)}) == {CodeText.Hex(encoding.Value)}"]);
        foreach (EncodingFieldSpec field in encoding.Fields)
        {
            string parameters = field.Displacement is null ? "" : $", int? {WidthToRead(field.Displacement)} = null";
            yield return new OverlayMember(
                $"ulong {name}{field.Name}({_entry} entry{parameters})",
                false,
                $"Of such an entry: {field.Doc}.",
                field.Cite,
                Read(field));
        }

        if (encoding.Fields.Count > 0)
        {
            yield return new OverlayMember(
                $"{_entry} Compose{name}({string.Join(", ", encoding.Fields.Select(f => "ulong " + Given(encoding, f)))}{Widths(encoding)})",
                false,
                $"{summary}: the entry with the given values. One that does not fit is refused with an ArgumentOutOfRangeException.",
                encoding.Cite,
                Compose(encoding));
        }
    }

    private static string Widths(EncodingSpec encoding) => string.Concat(encoding.Fields
        .Where(f => f.Displacement is not null)
        .Select(f => $", int? {WidthToCompose(encoding, f.Displacement!)} = null")
        .Distinct());

    /// <summary>What the parameter with a field's value is called.</summary>
    private static string Given(EncodingSpec encoding, EncodingFieldSpec field) => CodeText.Local(field.Name, LocalsOfCompose(encoding));

    private static string WidthToCompose(EncodingSpec encoding, DisplacementSpec moved) =>
        CodeText.Local(moved.Below, LocalsOfCompose(encoding).Concat(encoding.Fields.Select(f => CodeText.Camel(f.Name))));

    private static IEnumerable<string> LocalsOfCompose(EncodingSpec encoding) =>
        ["raw", "covered", .. encoding.Fields.Where(f => f.Displacement is not null).Select((_, i) => LocalWidth(i))];

    /// <summary>What the width is called once it is known to be one: the scope of such a local is the whole method.</summary>
    private static string LocalWidth(int index) => index == 0 ? "width" : $"width{index + 1}";

    private static string WidthToRead(DisplacementSpec moved) => CodeText.Local(moved.Below, "entry", "bits", "width", "covered");

    private static List<string> Read(EncodingFieldSpec field)
    {
        if (field.Displacement is not DisplacementSpec moved)
        {
            return [FieldMembers.Unwrapped(FieldMembers.Extract(field.Bits, "entry.Raw"))];
        }

        string width = WidthToRead(moved);
        int low = field.Bits[0].Low;
        return
        [
            $"ulong bits = entry.Raw & {CodeText.Hex(field.Bits.Mask())};",
            $"if ({width} is int width)",
            "{",
            .. CheckWidth(moved, width, "width"),
            $"    ulong covered = {CodeText.Hex((1ul << moved.Bits) - 1)}ul << (width - {moved.Bits});",
            $"    bits = (bits & ((1ul << (width - {moved.Bits})) - 1)) | ((entry.Raw >> {moved.Bits}) & covered);",
            "}",
            "",
            $"return bits >> {low};",
        ];
    }

    private static string[] CheckWidth(DisplacementSpec moved, string parameter, string local) =>
    [
        $"    ArgumentOutOfRangeException.ThrowIfLessThan({local}, {moved.Minimum}, nameof({parameter}));",
        $"    ArgumentOutOfRangeException.ThrowIfGreaterThan({local}, {moved.Maximum}, nameof({parameter}));",
    ];

    private static List<string> Compose(EncodingSpec encoding)
    {
        int displaced = 0;
        var body = new List<string> { $"ulong raw = {CodeText.Hex(encoding.Value)};" };
        foreach (EncodingFieldSpec field in encoding.Fields)
        {
            string name = Given(encoding, field);
            if (field.Displacement is null)
            {
                body.Add($"ArgumentOutOfRangeException.ThrowIfGreaterThan({name}, {CodeText.Hex(field.Bits.Largest())}ul);");
                body.Add($"raw |= {FieldMembers.Deposit(field.Bits, name)};");
                continue;
            }

            DisplacementSpec moved = field.Displacement!;
            string width = WidthToCompose(encoding, moved);
            string local = LocalWidth(displaced++);
            string placed = $"{name} << {field.Bits[0].Low}";
            body.AddRange(
            [
                $"ArgumentOutOfRangeException.ThrowIfGreaterThan({name}, {CodeText.Hex(field.Bits.Largest())}ul);",
                $"if ({width} is int {local})",
                "{",
                .. CheckWidth(moved, width, local),
                $"    ArgumentOutOfRangeException.ThrowIfNotEqual(({placed}) >> {local}, 0ul, nameof({name}));",
                $"    ulong covered = {CodeText.Hex((1ul << moved.Bits) - 1)}ul << ({local} - {moved.Bits});",
                $"    raw |= (({placed}) & ~covered) | covered | ((({placed}) & covered) << {moved.Bits});",
                "}",
                "else",
                "{",
                $"    raw |= {placed};",
                "}",
                "",
            ]);
        }

        body.Add("return new(raw);");
        return body;
    }

    private static string Among(EquatableArray<ulong> values) =>
        values.Count == 1 ? $"entry.Raw == {CodeText.Hex(values[0])}" : $"entry.Raw is {string.Join(" or ", values.Select(CodeText.Hex))}";

    private GeneratedFile EmitDescription()
    {
        CodeWriter code = FileHead.Start(_ns, _overlay.Id);
        code.Summary(_overlay.Doc + ".", _overlay.Cite);
        code.Block($"public static class {_overlay.Name}", () =>
        {
            code.Doc("summary", "What the definition says, for people and tools.");
            code.Line("public static OverlayDescription Description { get; } = new()");
            code.Line("{");
            code.Indented(() =>
            {
                code.Line($"Id = {CodeText.Quote(_overlay.Id)},");
                code.Line($"Name = {CodeText.Quote(_overlay.Name)},");
                code.Line($"FormatId = {CodeText.Quote(_overlay.BaseId)},");
                code.Line($"Summary = {CodeText.Quote(_overlay.Doc)},");
                code.Line($"IsDefault = {(_overlay.IsDefault ? "true" : "false")},");
                DescriptionEmitter.List(code, "Capabilities", _overlay.Capabilities, c => DescriptionEmitter.WriteCapability(code, c));
                code.Line($"KeptOff = [{string.Join(", ", _overlay.KeptOff.Select(CodeText.Quote))}],");
                code.Line("Variants =");
                code.Line("[");
                code.Indented(() =>
                {
                    foreach (OverlayVariantSpec variant in _overlay.Variants)
                    {
                        DescribeVariant(code, variant);
                    }
                });
                code.Line("],");
            });
            code.Line("};");
        });
        return new GeneratedFile($"{_overlay.Name}.g.cs", code.ToString());
    }

    private void DescribeVariant(CodeWriter code, OverlayVariantSpec variant) => code.Block("new OverlayVariant", () =>
    {
        code.Line($"Id = {CodeText.Quote(variant.Id)},");
        code.Line($"Summary = {CodeText.Quote(variant.Doc)},");
        code.Line($"MustBeZero = {CodeText.Hex(variant.Zero)},");
        code.Line($"EmptyValues = [{string.Join(", ", variant.EmptyValues.Select(CodeText.Hex))}],");
        code.Line("Fields =");
        code.Line("[");
        code.Indented(() =>
        {
            foreach (FieldSpec field in variant.Fields)
            {
                DescriptionEmitter.WriteField(code, field, _overlay.Enums, _overlay.Capabilities);
            }
        });
        code.Line("],");
        code.Line("Encodings =");
        code.Line("[");
        code.Indented(() =>
        {
            foreach (EncodingSpec encoding in variant.Encodings)
            {
                DescribeEncoding(code, encoding);
            }
        });
        code.Line("],");
    }, "},");

    private void DescribeEncoding(CodeWriter code, EncodingSpec encoding)
    {
        IEnumerable<string> tests = encoding.Values.Count > 0
            ? encoding.Values.Select(v => $"new EntryTest(ulong.MaxValue, {CodeText.Hex(v)})")
            : [$"new EntryTest({CodeText.Hex(encoding.Mask)}, {CodeText.Hex(encoding.Value)})"];
        code.Line("new SpecialEncoding(");
        code.Indented(() =>
        {
            code.Line($"{CodeText.Quote(encoding.Name)},");
            code.Line("[");
            code.Indented(() => code.Lines([.. tests.Select(t => t + ",")]));
            code.Line("],");
            code.Line("[");
            code.Indented(() =>
            {
                foreach (EncodingFieldSpec field in encoding.Fields)
                {
                    DescriptionEmitter.WriteField(
                        code,
                        new FieldSpec(
                            field.Name,
                            field.Name,
                            field.Bits,
                            uint.MaxValue,
                            EntryLayouts.NotPresent | EntryLayouts.Present,
                            ConditionSpec.Always,
                            FieldRole.None,
                            null,
                            field.Doc,
                            field.Cite),
                        _overlay.Enums,
                        _overlay.Capabilities,
                        field.Displacement);
                }
            });
            code.Line("],");
            code.Line($"{CodeText.Quote(encoding.Doc)},");
            code.Line($"{CodeText.Quote(encoding.Cite)}),");
        });
    }
}
