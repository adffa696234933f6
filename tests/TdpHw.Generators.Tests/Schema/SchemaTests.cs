using System.Text.Json;
using NJsonSchema;
using NJsonSchema.Validation;
using TdpHw.Generators.Parsing;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests.Schema;

public sealed class SchemaTests
{
    private const string SchemaPath = "hwdefs/schema/hwdef.schema.json";

    private static readonly Task<JsonSchema> Schema = JsonSchema.FromJsonAsync(Repository.Read(SchemaPath));

    public static TheoryData<string> Files => [.. Repository.Definitions.Select(file => file.Name[..^".hwdef.yaml".Length])];

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "ept", "page: 12", "pages: 12" },
        { "ept", "doc: Intel extended page tables (EPT), four and five levels\n", "" },
        { "ept", "check-order: malformed-first", "check-order: malformed" },
        { "ept", "bits: 51:12", "bits: 12..51" },
        { "ept", "name: Read,", "name: read," },
        { "ept", "levels: { 1: EPT PTE,", "levels: { 0: EPT PTE," },
        { "ept", "role: dirty", "role: written" },
        { "ept", "{ bits: 11 }", "{ bits: [] }" },
        { "ept", "for: [leaf, not-present]", "for: [leaf, absent]" },
        { "ept", "page_2m, flag: true", "page_2m, flag: yes" },
        { "ept", "kind: page-table-format", "kind: register" },
        { "ept", "hwdef: 1", "hwdef: 2" },
        { "riscv-sv48x4", "extends: RiscVSv39X4\n", "" },
        { "riscv-sv48x4", "extends: RiscVSv39X4", "extends: riscv-sv39x4" },
        { "riscv-sv39x4", "levels: 2..,", "levels: ..2," },
        { "kvm-ept", "base: Ept", "base: [Ept]" },
        { "kvm-ept", "sptec: Linux 6.7 arch/x86/kvm/mmu/spte.c", "sptec: [Linux]" },
        { "eptp", "bits: 64", "bits: wide" },
        { "kvm-exported-tdp-vmx", "type: s32, offset: 4", "type: int, offset: 4" },
        { "kvm-exported-tdp-vmx", "dims: [2, 5]", "dims: 10" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_definition_that_ships_fits_the_schema(string name) =>
        Assert.Empty(await Validate(Repository.Definition(name)));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_seen_in_an_editor(string name, string right, string wrong) =>
        Assert.NotEmpty(await Validate(Repository.Definition(name).With(right, wrong)));

    [Theory]
    [MemberData(nameof(Files))]
    public void An_editor_finds_the_schema(string name) => Assert.StartsWith(
        "# yaml-language-server: $schema=../schema/hwdef.schema.json\n", Repository.Definition(name).Text, StringComparison.Ordinal);

    [Fact]
    public void The_schema_and_the_parser_know_the_same_kinds_keys_and_words()
    {
        using JsonDocument document = JsonDocument.Parse(Repository.Read(SchemaPath));
        JsonElement root = document.RootElement;
        var comparison = new SchemaComparison(root);

        Assert.Equal(
            DefinitionShapes.ByKind.Keys.Select(kind => "#/definitions/" + kind),
            root.GetProperty("oneOf").EnumerateArray().Select(kind => kind.GetProperty("$ref").GetString()!));
        foreach ((string kind, MapShape shape) in DefinitionShapes.ByKind)
        {
            comparison.Compare(kind, root.GetProperty("definitions").GetProperty(kind), shape);
        }

        Assert.Empty(comparison.Differences);
        Assert.Contains("overlay.encodings[].fields[].displace.below", comparison.Compared);
    }

    private static async Task<ICollection<ValidationError>> Validate(DefinitionText file) =>
        (await Schema).Validate(YamlJson.Convert(file.Text));
}
