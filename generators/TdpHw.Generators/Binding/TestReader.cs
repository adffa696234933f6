using System.Globalization;
using TdpHw.Generators.Diagnostics;
using TdpHw.Generators.Model;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Syntax;

namespace TdpHw.Generators.Binding;

/// <summary>Turns the <c>when</c> and <c>any</c> of a rule into tests on an entry.</summary>
/// <param name="owner">How messages call what the fields belong to.</param>
internal sealed class TestReader(DefinitionScope scope, IReadOnlyList<FieldSpec> fields, string owner)
{
    /// <summary>Far more than a level has room for; a typing error must not fill the memory.</summary>
    private const int MaxValues = 4096;

    /// <summary>The tests of a rule: an entry must match one of them.</summary>
    public IReadOnlyList<TestSpec> Read(MapNode rule)
    {
        List<IReadOnlyList<MatchSpec>> alternatives = [[]];
        foreach (MapEntry entry in rule.Map("when")?.Entries ?? default)
        {
            IReadOnlyList<MatchSpec> matches = ReadMatches(entry);
            if ((long)alternatives.Count * matches.Count > MaxValues)
            {
                scope.Diagnostics.Add(
                    DiagnosticCatalog.NumberOutside,
                    entry.Key,
                    entry.Key.Text,
                    $"values that at most {MaxValues} tests tell, with those of the fields before it",
                    ((long)alternatives.Count * matches.Count).ToString(CultureInfo.InvariantCulture));
                return [];
            }

            alternatives = alternatives.SelectMany(a => matches.Select(m => (IReadOnlyList<MatchSpec>)[.. a, m])).ToList();
        }

        EquatableArray<AnySpec> any = rule.Scalars("any")
            .Select(s => (Node: s, Field: Find(s)))
            .Where(f => f.Field is not null)
            .Select(f => new AnySpec(f.Node.Text, f.Field!.Mask, f.Field.When))
            .Concat(rule.Map("not")?.Entries.Select(ReadDifference).OfType<AnySpec>() ?? [])
            .ToEquatableArray();
        return [.. alternatives.Select(a => new TestSpec(a.ToEquatableArray(), any))];
    }

    /// <summary>The fields that a rule's condition reads.</summary>
    public IEnumerable<FieldSpec> FieldsOf(MapNode rule) => NamedIn(rule).OfType<FieldSpec>();

    /// <summary>Whether a rule's condition reads nothing but fields that exist.</summary>
    public bool KnowsFieldsOf(MapNode rule) => NamedIn(rule).All(f => f is not null);

    private IEnumerable<FieldSpec?> NamedIn(MapNode rule) =>
        (rule.Map("when")?.Entries.Select(e => e.Key) ?? [])
        .Concat(rule.Scalars("any"))
        .Concat(rule.Map("not")?.Entries.Select(e => e.Key) ?? [])
        .Select(s => fields.FirstOrDefault(f => f.Symbol == s.Text));

    private IReadOnlyList<MatchSpec> ReadMatches(MapEntry entry)
    {
        if (Find(entry.Key) is not FieldSpec field)
        {
            return [];
        }

        int width = field.Bits.Width();
        var values = new List<ulong>();
        IEnumerable<ScalarNode> nodes = entry.Value is ListNode list ? list.Items.OfType<ScalarNode>() : [(ScalarNode)entry.Value];
        foreach (ScalarNode node in nodes)
        {
            foreach (ulong value in scope.Range(node, entry.Key.Text))
            {
                if (width < 64 && value >> width != 0)
                {
                    scope.Diagnostics.Add(
                        DiagnosticCatalog.ValueTooWide,
                        node,
                        value.ToString(CultureInfo.InvariantCulture),
                        width.ToString(CultureInfo.InvariantCulture),
                        field.Name);
                    break;
                }

                values.Add(value);
            }

            if (values.Count > MaxValues)
            {
                scope.Diagnostics.Add(
                    DiagnosticCatalog.NumberOutside,
                    node,
                    entry.Key.Text,
                    $"at most {MaxValues} values",
                    values.Count.ToString(CultureInfo.InvariantCulture));
                return [];
            }
        }

        return
        [
            .. ValueCubes.Cover(values, width).Select(c => new MatchSpec(
                field.Symbol, field.Bits.Deposit(c.Mask), field.Bits.Deposit(c.Value), field.When)),
        ];
    }

    private AnySpec? ReadDifference(MapEntry entry)
    {
        if (Find(entry.Key) is not FieldSpec field)
        {
            return null;
        }

        if (!field.When.IsAlways)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownField,
                entry.Key,
                entry.Key.Text,
                $"{owner} under all capabilities",
                "'not' compares fields that are always there");
        }

        ulong value = scope.Number((ScalarNode)entry.Value, entry.Key.Text, 0, field.Bits.Largest()) ?? 0;
        return new AnySpec(field.Symbol, field.Mask, field.When, field.Bits.Deposit(value));
    }

    private FieldSpec? Find(ScalarNode symbol)
    {
        FieldSpec? field = fields.FirstOrDefault(f => f.Symbol == symbol.Text);
        if (field is null)
        {
            scope.Diagnostics.Add(
                DiagnosticCatalog.UnknownField,
                symbol,
                symbol.Text,
                owner,
                Spelling.Suggest(symbol.Text, fields.Select(f => f.Symbol)));
        }

        return field;
    }
}
