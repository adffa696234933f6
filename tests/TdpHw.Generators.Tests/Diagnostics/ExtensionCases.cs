using TdpHw.Generators.Tests.Support;
using static TdpHw.Generators.Tests.Support.SmallDefinitions;

namespace TdpHw.Generators.Tests.Diagnostics;

/// <summary>What is wrong between a definition and the one that it extends.</summary>
internal static class ExtensionCases
{
    private const string Cure = "; each bit has one status, narrow one of the two with levels, for, needs or unless";
    private const string GapCure = "; add them to a field, to reserved, to res0 or to ignored";

    public static IEnumerable<DiagnosticCase> All =>
    [
        new("What is extended is unknown",
            Extension.With("extends: Tiny", "extends: ¦Tinny"),
            ("TDPHW306", "There is no page table format 'Tinny'; did you mean 'Tiny'?")),
        new("What is extended is no format",
            Extension.With("extends: Tiny", "extends: ¦TinyCap"),
            ("TDPHW306", "There is no page table format 'TinyCap'; there are: Tiny, Wide")),
        new("A register extends nothing",
            Register.With("bits: 32", "¦extends: Tiny\nbits: 32"),
            ("TDPHW002", "'extends' is no key of a register; there are: hwdef, kind, name, id, doc, sources, cite, enums, bits, aliases, fields, views, reserved, ignored")),
        new("A definition extends itself",
            Extension.With("extends: Tiny", "extends: ¦Wide"),
            ("TDPHW308", "Wide extends Wide; what is extended must end at a definition that stands by itself")),
        new("Two definitions extend each other",
            Extension.With("extends: Tiny", "extends: ¦Wider"),
            ("TDPHW308", "Wide extends Wider, which extends Wide; what is extended must end at a definition that stands by itself"))
            {
                Others =
                [
                    .. SmallDefinitions.All,
                    new DefinitionText("wider.hwdef.yaml", Extension.With("name: Wide\n", "name: Wider\n").With("id: wide", "id: wider").Text)
                        .With("extends: Tiny", "extends: Wide"),
                ],
                Elsewhere =
                [
                    "wider.hwdef.yaml(5,10): TDPHW308: Wider extends Wide, which extends Wider; what is extended must end at a definition that stands by itself",
                ],
            },
        new("A layer claims a bit twice",
            Extension.With("- { bits: 7, levels: 3 }", "- { bits: 7, levels: 3 }\n  - { bits: ¦8, levels: 2, for: leaf }"),
            ("TDPHW201", "Bit 8 of PDE (level 2, leaf): claimed by field 'Pinned' and by 'ignored'" + Cure)),
        new("A layer takes a part of a field of the base",
            Extension.With("- { bits: 7, levels: 3 }", "- { bits: 7, levels: 3 }\n  - { bits: ¦4, for: leaf, levels: 2.. }"),
            ("TDPHW206", "Bit 4 of PDE (level 2, leaf): only a part of field 'MemoryType', which line 27 of tiny.hwdef.yaml declares; claim all of the field or write one of that name, which takes its place")),
        new("A layer leaves a field of the base some layouts here and others there",
            Extension.With("- { bits: 7, levels: 3 }", "- { bits: 7, levels: 3 }\n  - { bits: ¦1, for: leaf, levels: 2 }"),
            ("TDPHW206", "Bit 1 of PDE (level 2, leaf): only a part of field 'Write', which line 26 of tiny.hwdef.yaml declares; claim all of the field or write one of that name, which takes its place")),
        new("A further level leaves a bit without status",
            Extension.With("\n  - { bits: 7, levels: 3 }", "").With("fields:\n", "¦fields:\n"),
            ("TDPHW202", "Bit 7 of PUE (level 3, table) has no status" + GapCure)),
        new("A claim under a condition takes the bit from the base whatever the condition",
            Extension.With("bits: 8, for: leaf, doc", "bits: 8, for: leaf, needs: dirty, doc").With("fields:\n", "¦fields:\n"),
            ("TDPHW202", "Bit 8 of PTE (level 1, leaf), PDE (level 2, leaf) has no status when dirty is off" + GapCure)),
        new("A gap of a layer without fields is told where it names its base",
            Extension.With("fields:\n  - { name: Pinned, sym: PIN, bits: 8, for: leaf, doc: the page stays }\n", "")
                .With("  - { bits: 8, for: table }\n  - { bits: 7, levels: 3 }", "  - { bits: 8, for: table }")
                .With("extends: Tiny", "extends: ¦Tiny"),
            ("TDPHW202", "Bit 7 of PUE (level 3, table) has no status" + GapCure)),
        new("A rule of the base names a field that is no more",
            Extension.With("  - { bits: 8, for: table }", "  - { bits: 8, for: table }\n  - { bits: 1 }").With("extends: Tiny", "extends: ¦¦Tiny"),
            ("TDPHW107", "'W' is no field of Wide; there are: R, MT, PS, D, ADDR, PIN (by line 41 of tiny.hwdef.yaml, which this extends)"),
            ("TDPHW107", "'W' is no field of Wide; there are: R, MT, PS, D, ADDR, PIN (by line 46 of tiny.hwdef.yaml, which this extends)")),
        new("A rule of the base asks of a field what it cannot hold now",
            Extension.With("  - { name: Pinned", "  - { name: MemoryType, sym: MT, bits: 3, for: leaf, doc: type }\n  - { name: Pinned")
                .With("  - { bits: 8, for: table }", "  - { bits: 8, for: table }\n  - { bits: 5:4, for: leaf }").With("extends: Tiny", "extends: ¦Tiny"),
            ("TDPHW108", "Value 7 needs more than the 1 bits of field 'MemoryType' (by line 47 of tiny.hwdef.yaml, which this extends)"))
            {
                Others =
                [
                    Register, Format.With("rights:\n", "  - { name: type, for: leaf, when: { MT: 7 }, doc: no such type }\nrights:\n"),
                ],
            },
        new("A field has the symbol of another one of the base",
            Extension.With("sym: PIN", "sym: ¦PS"),
            ("TDPHW114", "'PS' is declared twice as a symbol; the first one stands in line 28 of tiny.hwdef.yaml")),
        new("A format with fewer levels has no walk of its own",
            Extension.With("levels: { 1: PTE, 2: PDE, 3: PUE }\nwalks:\n  - { levels: 3, input: 39 }", "levels: { 1: PTE }")
                .With("\n  - { bits: 7, levels: 3 }", "").With("extends: Tiny", "extends: ¦Tiny"),
            ("TDPHW003", "A format with fewer levels than all walks of its base needs the key 'walks'")),
        new("A layer lacks what no base can say",
            Extension.With("doc: The format with a third level\n", "").With("hwdef: 1", "¦hwdef: 1"),
            ("TDPHW003", "A page-table format needs the key 'doc'")),
        new("The open end of a level range is no number",
            Format.With("- { bits: 7, levels: 1 }", "- { bits: 7, levels: ¦..1 }"),
            ("TDPHW111", "'levels' takes a number or a range such as 2..3, not '..1'")),
        new("An open range starts above the format",
            Format.With("- { bits: 7, levels: 1 }", "- { bits: 7, levels: [1, ¦3..] }"),
            ("TDPHW106", "Level 3 does not exist; the format has levels 1 to 2")),
        new("Values have no open end",
            Format.With("when: { R: 0, W: 1 }", "when: { R: 0, W: ¦1.. }"),
            ("TDPHW111", "'W' takes a number or a range such as 2..3, not '1..'")),
    ];
}
