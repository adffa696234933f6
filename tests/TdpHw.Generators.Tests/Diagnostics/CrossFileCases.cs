using TdpHw.Generators.Tests.Support;
using static TdpHw.Generators.Tests.Support.SmallDefinitions;

namespace TdpHw.Generators.Tests.Diagnostics;

/// <summary>3xx: what is wrong between files, or between a file and the machine.</summary>
internal static class CrossFileCases
{
    public static IEnumerable<DiagnosticCase> All =>
    [
        new("Software uses a bit that the format reserves",
            Overlay.With("sym: PIN, bits: 52", "sym: PIN, bits: ¦2"),
            ("TDPHW301", "Bit 2 of field 'Pinned' is not ignored in PTE (level 1, leaf) of Tiny; software may only use ignored bits of present entries")),
        new("Software uses a bit that is ignored at one level only",
            Overlay.With("sym: PIN, bits: 52", "sym: PIN, bits: ¦7"),
            ("TDPHW301", "Bit 7 of field 'Pinned' is not ignored in PDE (level 2, leaf) of Tiny; software may only use ignored bits of present entries")),
        new("Software uses a bit that a capability takes",
            Overlay.With("unless: [dirty]\n", "").With("sym: PIN, bits: 52", "sym: PIN, bits: ¦9"),
            ("TDPHW301", "Bit 9 of field 'Pinned' is not ignored in PTE (level 1, leaf) of Tiny when dirty is on; name it in the overlay's unless if the software needs it off; software may only use ignored bits of present entries")),
        new("KVM's MMU_PRESENT at bit 11 can't be shared with VT-d",
            Repository.Definition("kvm-ept")
                .With("- { id: low, doc:", "- { id: low, shared-with: [VtdSecondStage], doc:")
                .With("sym: MP, bits: 11,", "sym: MP, bits: ¦11,"),
            ("TDPHW302", "Bit 11 of field 'MmuPresent' is not ignored in SS-PTE (level 1, leaf) of importer VtdSecondStage; variant 'low' can't be shared with it")) { Others = Repository.Definitions },
        new("A member stands where no C compiler puts it",
            Struct.With("offset: 8", "offset: ¦4"),
            ("TDPHW303", "Member 'Root' stands at offset 4; a C compiler (LP64) puts it at 8")),
        new("A struct lacks the padding at its end",
            Struct.With("size: 32", "size: ¦28"),
            ("TDPHW304", "The struct has 28 bytes; a C compiler (LP64) makes it 32")),
        new("A name is defined twice",
            new DefinitionText("z.hwdef.yaml", Struct.Text).With("name: TinyMeta", "name: ¦TinyMeta").With("id: tiny-meta", "id: other"),
            ("TDPHW305", "Name 'TinyMeta' is also defined in tiny-meta.hwdef.yaml"))
            {
                Elsewhere = ["tiny-meta.hwdef.yaml(3,7): TDPHW305: Name 'TinyMeta' is also defined in z.hwdef.yaml"],
            },
        new("A name differs from another in case only",
            new DefinitionText("z.hwdef.yaml", Struct.Text).With("name: TinyMeta", "name: ¦TinyMETA").With("id: tiny-meta", "id: other"),
            ("TDPHW305", "Name 'TinyMETA' is also defined in tiny-meta.hwdef.yaml"))
            {
                Elsewhere = ["tiny-meta.hwdef.yaml(3,7): TDPHW305: Name 'TinyMeta' is also defined in z.hwdef.yaml"],
            },
        new("Two files declare the same enumeration",
            Register.With("views:\n", "enums:\n  ¦TinyType:\n    - { value: 0, name: None, doc: nothing }\nviews:\n"),
            ("TDPHW305", "Enumeration 'TinyType' is also defined in tiny.hwdef.yaml"))
            {
                Elsewhere = ["tiny.hwdef.yaml(21,3): TDPHW305: Enumeration 'TinyType' is also defined in tiny-cap.hwdef.yaml"],
            },
        new("A variant makes the type that another file defines",
            new DefinitionText("z.hwdef.yaml", Struct.Text).With("name: TinyMeta", "name: ¦TinyUseNew").With("id: tiny-meta", "id: other"),
            ("TDPHW305", "Name 'TinyUseNew' is also defined in tiny-use.hwdef.yaml"))
            {
                Elsewhere = ["tiny-use.hwdef.yaml(13,11): TDPHW305: Variant 'TinyUseNew' is also defined in z.hwdef.yaml"],
            },
        new("An enumeration is called as its definition",
            Register.With("views:\n", "enums:\n  ¦TinyCap:\n    - { value: 0, name: None, doc: nothing }\nviews:\n").With("name: TinyCap", "name: ¦TinyCap"),
            ("TDPHW305", "Name 'TinyCap' is also defined in this file or another one of its name"),
            ("TDPHW305", "Enumeration 'TinyCap' is also defined in this file or another one of its name")),
        new("A name is that of the registry",
            Struct.With("name: TinyMeta", "name: ¦FormatRegistry"),
            ("TDPHW305", "Name 'FormatRegistry' is also defined in every project, as the list of its formats")),
        new("An id is defined twice",
            new DefinitionText("z.hwdef.yaml", Struct.Text).With("name: TinyMeta", "name: Other").With("id: tiny-meta", "id: ¦tiny-meta"),
            ("TDPHW305", "Id 'tiny-meta' is also defined in tiny-meta.hwdef.yaml"))
            {
                Elsewhere = ["tiny-meta.hwdef.yaml(4,5): TDPHW305: Id 'tiny-meta' is also defined in z.hwdef.yaml"],
            },
        new("The base is unknown",
            Overlay.With("base: Tiny", "base: ¦Tinny"),
            ("TDPHW306", "There is no page table format 'Tinny'; did you mean 'Tiny'?")),
        new("The base is no format",
            Overlay.With("base: Tiny", "base: ¦TinyCap"),
            ("TDPHW306", "There is no page table format 'TinyCap'; there are: Tiny")),
        new("The importer is unknown",
            Overlay.With("id: old,", "id: old, shared-with: ¦SomeIommu,"),
            ("TDPHW306", "There is no page table format 'SomeIommu'; there are: Tiny")),
        new("The register of a capability is unknown",
            Format.With("from: TinyCap.Page2M", "from: ¦BigCap.Page2M"),
            ("TDPHW306", "There is no register 'BigCap'; there are: TinyCap")),
        new("A variant is unknown",
            Overlay.With("variants: old,", "variants: ¦ols,"),
            ("TDPHW306", "There is no variant 'ols'; did you mean 'old'?")),
        new("A special entry maps a page",
            Overlay.With("when: { R: 0, W: 0 }", "when: { R: 1, W: 0 }").With("name: swapped", "name: ¦swapped"),
            ("TDPHW307", "Encoding 'swapped' can be a well-formed entry of Tiny (level 1); it must be not present or refused there")),
        new("A special entry is refused as a page and not as a table",
            Overlay.With("when: { R: 0, W: 0 }", "when: { R: 1, MT: 7 }").With("name: swapped", "name: ¦swapped"),
            ("TDPHW307", "Encoding 'swapped' can be a well-formed entry of Tiny (level 2); it must be not present or refused there"))
            {
                Others =
                [
                    Register,
                    Format.With("rights:\n", "  - { name: type, for: leaf, when: { MT: 7 }, doc: no such type }\nrights:\n")
                        .With("  - { bits: 5:3, for: table }\nignored:\n", "ignored:\n  - { bits: 5:3, for: table }\n"),
                ],
            },
        new("A special entry is refused as a table and not as a page",
            Overlay.With("when: { R: 0, W: 0 }", "when: { R: 1, MT: 7 }").With("name: swapped", "name: ¦swapped"),
            ("TDPHW307", "Encoding 'swapped' can be a well-formed entry of Tiny (level 1); it must be not present or refused there")),
        new("A special entry is refused by some processors only",
            Repository.Definition("kvm-ept")
                .With("X: 1, EMT: 7 }", "X: 1, EMT: 6 }").With("  - name: mmio\n    doc: \"emulated", "  - name: ¦mmio\n    doc: \"emulated"),
            ("TDPHW307", "Encoding 'mmio' can be a well-formed entry of Ept (level 1); it must be not present or refused there")) { Others = Repository.Definitions },
        new("A special entry has the one value that a rule lets pass",
            Overlay.With("when: { R: 0, W: 0 }", "when: { R: 1, MT: 6 }").With("name: swapped", "name: ¦swapped"),
            ("TDPHW307", "Encoding 'swapped' can be a well-formed entry of Tiny (level 1); it must be not present or refused there"))
            {
                Others = [Register, Format.With("rights:\n", "  - { name: not-wb, for: leaf, not: { MT: 6 }, doc: no such type }\nrights:\n")],
            },
        new("Special entries differ with clear bits from the one value that is not present",
            Overlay.With("name: swapped", "name: ¦swapped").With("name: empty", "name: ¦empty"),
            ("TDPHW307", "Encoding 'swapped' can be a well-formed entry of Tiny (level 1); it must be not present or refused there"),
            ("TDPHW307", "Encoding 'empty' can be a well-formed entry of Tiny (level 1); it must be not present or refused there"))
            {
                Others = [Register, Format.With("- { any: [R, W] }", "- { not: { R: 1 } }")],
            },
        new("A special value maps a page",
            Overlay.With("name: empty, values: [0x0]", "name: ¦empty, values: [0x0, 0x3]"),
            ("TDPHW307", "Encoding 'empty' can be a well-formed entry of Tiny (level 1); it must be not present or refused there")),
    ];
}
