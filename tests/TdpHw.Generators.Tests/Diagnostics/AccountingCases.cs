using static TdpHw.Generators.Tests.Support.SmallDefinitions;

namespace TdpHw.Generators.Tests.Diagnostics;

/// <summary>2xx: bits without exactly one status, and what else can't be an entry.</summary>
internal static class AccountingCases
{
    private const string Cure = "; each bit has one status, narrow one of the two with levels, for, needs or unless";

    public static IEnumerable<DiagnosticCase> All =>
    [
        new("A bit is a field and ignored",
            Format.With("- { bits: 8 }", "- { bits: ¦8, levels: 1 }\n  - { bits: ¦8:7, levels: 2 }").With("¦8, levels: 1", "8, levels: 1"),
            ("TDPHW201", "Bit 7 of PDE (level 2, leaf): claimed by field 'PageSize' and by 'ignored'" + Cure)),
        new("A bit has two statuses in one layout only",
            Format.With("- { bits: 6 }", "- { bits: 6 }\n  - { bits: ¦3, for: leaf }"),
            ("TDPHW201", "Bit 3 of PTE (level 1, leaf): claimed by field 'MemoryType' and by 'ignored'" + Cure)),
        new("A bit has two statuses only with a capability",
            Format.With("needs: dirty, else: ignored", "needs: dirty").With("- { bits: 9, for: table }", "- { bits: ¦9 }"),
            ("TDPHW201", "Bit 9 of PTE (level 1, leaf): claimed by field 'Dirty' and by 'ignored' when dirty is on" + Cure)),
        new("A list names a bit twice",
            Format.With("bits: [63:52, 11:10]", "bits: [63:52, 11:10, ¦60]"),
            ("TDPHW201", "Bit 60 of entry: claimed by this list and by the same list again" + Cure)),
        new("A register's bit is claimed twice",
            Register.With("bits: [31:8, 3:1]", "bits: ¦[31:7, 3:1]"),
            ("TDPHW201", "Bit 7 of TinyCap: claimed by field 'Count' and by 'reserved'" + Cure)),
        new("An overlay's bit is claimed twice",
            Overlay.With("name: Pinned, sym: PIN, bits: 52", "name: Pinned, sym: PIN, bits: ¦59:52"),
            ("TDPHW201", "Bit 59 of TinyUse: claimed by field 'Present' and by field 'Pinned'" + Cure)),
        new("A bit has no status",
            Format.With("  - { bits: 8 }\n", "").With("fields:\n  - { name: Read", "¦fields:\n  - { name: Read"),
            ("TDPHW202", "Bit 8 of PTE (level 1, leaf), PDE (level 2, leaf), PDE (level 2, table) has no status; add them to a field, to reserved, to res0 or to ignored")),
        new("A field that is switched off leaves its bit without status",
            Format.With("needs: dirty, else: ignored", "needs: dirty").With("fields:\n  - { name: Read", "¦fields:\n  - { name: Read"),
            ("TDPHW202", "Bit 9 of PTE (level 1, leaf), PDE (level 2, leaf) has no status when dirty is off; add them to a field, to reserved, to res0 or to ignored")),
        new("A register's bit has no status",
            Register.With("bits: [31:8, 3:1]", "bits: [31:9, 3:1]").With("fields:\n", "¦fields:\n"),
            ("TDPHW202", "Bit 8 of TinyCap has no status; add them to a field, to reserved, to res0 or to ignored")),
        new("The address starts above the smallest page",
            Format.With("bits: 51:12, role", "bits: ¦51:13, role").With("- { bits: 2 }", "- { bits: [12, 2] }"),
            ("TDPHW203", "Address bits 51:13 can't hold an address: one range is needed whose lowest bit is that of the smallest page, 12, or lower and stands for it")),
        new("The address is narrower than its limit",
            Format.With("bits: 51:12, role: address, limit: width", "bits: 49:12, role: address, limit: ¦width")
                .With("bits: [63:52, 11:10]", "bits: [63:50, 11:10]"),
            ("TDPHW203", "Address bits 49:12 can't hold an address: capability 'width' must be a width of at most 50 bits")),
        new("A frame number is too high to be shifted",
            Format.With("bits: 51:12, role: address, limit: width, above: reserved, below: reserved", "bits: ¦62:10, role: address, below: reserved")
                .With("bits: [63:52, 11:10]", "bits: 63"),
            ("TDPHW203", "Address bits 62:10 can't hold an address: one range is needed whose lowest bit is that of the smallest page, 12, or lower and stands for it")),
        new("High bits of an address say not where they belong",
            Format.With("- { name: Address", "- { name: High, sym: HI, bits: 11:10, role: ¦address-high, doc: more }\n  - { name: Address")
                .With("bits: [63:52, 11:10]", "bits: 63:52"),
            ("TDPHW003", "High bits of an address needs the key 'at'")),
        new("High bits of an address do not fit where they belong",
            Format.With("- { name: Address", "- { name: High, sym: HI, bits: ¦11:10, role: address-high, at: 52, doc: more }\n  - { name: Address")
                .With("bits: [63:52, 11:10]", "bits: 63:52"),
            ("TDPHW203", "Address bits 11:10 can't hold an address: 'at' must be one range as wide that lies above them, not 52")),
        new("Two fields are the high bits of the address",
            Format.With("- { name: Address", "- { name: High, sym: HI, bits: 10, role: address-high, at: 52, doc: more }\n"
                + "  - { name: Higher, sym: HR, bits: ¦11, role: address-high, at: 53, doc: more }\n  - { name: Address")
                .With("bits: [63:52, 11:10]", "bits: 63:52"),
            ("TDPHW203", "Address bits 11 can't hold an address: another field has the role already")),
        new("A bit whose place a capability tells may lie outside the address",
            Format.With("capabilities:\n", "capabilities:\n  - { name: mark, width: 20..60, optional: true, doc: where the mark is }\n")
                .With("- { name: Address", "- { name: Mark, sym: MARK, bits: ¦mark, doc: marked }\n  - { name: Address"),
            ("TDPHW111", "'bits' takes a capability of which every width is an address bit from 21 to 51, not 'mark'")),
        new("A bit whose place a capability tells has a role",
            Format.With("capabilities:\n", "capabilities:\n  - { name: mark, width: 40..50, optional: true, doc: where the mark is }\n")
                .With("- { name: Address", "- { name: Mark, sym: MARK, bits: mark, role: ¦dirty, doc: marked }\n  - { name: Address"),
            ("TDPHW006", "'role' takes no word where a capability says where the bit is, not 'dirty'")),
        new("What makes an entry illegal has no name",
            Format.With("above: reserved, below: reserved", "above: ¦illegal, below: ¦illegal"),
            ("TDPHW003", "'above: illegal' needs an illegal rule with 'bound: width'"),
            ("TDPHW003", "'below: illegal' needs an illegal rule with 'bound: alignment'")),
        new("Sizes and next levels have no bounds",
            Format.With("sym: PS, bits: 7, levels: 2,", "sym: PS, bits: 7, levels: 2, role: ¦next-level,")
                .With("needs: page_2m, else: reserved", "size: ¦lowest-zero"),
            ("TDPHW003", "A field with 'role: next-level' needs an illegal rule with 'bound: next-level'"),
            ("TDPHW003", "A leaf rule with 'size' needs an illegal rule with 'bound: size'")),
        new("A bound that the format lacks",
            Format.With("illegal:\n", "illegal:\n  - { name: too-wide, bound: ¦width, doc: too wide }\n"),
            ("TDPHW006", "'bound' takes a bound that the format has; this one comes with 'above: illegal', not 'width'")),
        new("Two fields are the address",
            Format.With("bits: 51:12, role", "bits: 47:12, role: address, doc: address }\n  - { name: More, sym: MORE, bits: ¦51:12, role"),
            ("TDPHW203", "Address bits 51:12 can't hold an address: another field has the role already")),
        new("An address of a register lies in two words",
            Register.With("bits: 32", "bits: 128").With("bits: 7:4, plus: 1", "bits: ¦[75:64, 63:12], address: true")
                .With("bits: [31:8, 3:1]", "bits: [127:76, 11:1]"),
            ("TDPHW203", "Address bits 75:64, 63:12 can't hold an address: a register's address keeps its place in one 64-bit word")),
        new("No field is the address",
            Format.With("role: address, limit: width, above: reserved, below: reserved, ", "").With("fields:\n  - { name: Read", "¦fields:\n  - { name: Read"),
            ("TDPHW003", "A format needs a field with 'role: address'")),
        new("A leaf is told by a bit that only leaves have",
            Format.With("levels: 2, when: { PS: 1 }", "levels: 2, when: { ¦D: 1 }"),
            ("TDPHW204", "Field 'Dirty' selects leaves at level 2 but is only declared for leaf entries; a selector is read before it is known what the entry is")),
        new("No entry of the lowest level is a leaf",
            Format.With("leaf:\n  - { levels: 1 }\n", "¦leaf:\n"),
            ("TDPHW205", "Level 1 has no leaf rule, so that nothing can be mapped there; add { levels: 1 } to leaf")),
        new("A row of leaves lacks the bit that makes an entry present",
            Format.With("- { any: [R, W] }", "- { when: { R: 1 } }").With("levels: 2, when: { PS: 1 }", "levels: 2, when: { PS: 1, ¦R: 0 }"),
            ("TDPHW207", "No entry that is present at level 2 matches this rule, whose 'R' 'present' rules out; change one of the two or narrow this one with levels")),
        new("A row of leaves lacks all bits that make an entry present",
            Format.With("levels: 2, when: { PS: 1 }", "levels: 2, when: { ¦W: 0, PS: 1, R: 0 }"),
            ("TDPHW207", "No entry that is present at level 2 matches this rule, whose 'W' 'present' rules out; change one of the two or narrow this one with levels")),
        new("A row of leaves asks for any of the bits that no present entry has",
            Format.With("- { any: [R, W] }", "- { when: { R: 1 } }\n  - { when: { R: 0, W: 0 } }")
                .With("levels: 2, when: { PS: 1 }", "levels: 2, any: [W], when: { ¦R: 0 }"),
            ("TDPHW207", "No entry that is present at level 2 matches this rule, whose 'R' 'present' rules out; change one of the two or narrow this one with levels")),
        new("A row of leaves has one bit as present entries have it and lacks the other",
            Format.With("- { any: [R, W] }", "- { when: { R: 1, W: 1 } }").With("levels: 2, when: { PS: 1 }", "levels: 2, when: { R: 1, ¦W: 0 }"),
            ("TDPHW207", "No entry that is present at level 2 matches this rule, whose 'W' 'present' rules out; change one of the two or narrow this one with levels")),
        new("A row of leaves lacks one bit that some present entries have and one that all have",
            Format.With("- { any: [R, W] }", "- { when: { R: 1, W: 1 } }\n  - { when: { R: 0, W: 1 } }").With("levels: 2, when: { PS: 1 }", "levels: 2, when: { R: 1, ¦W: 0 }"),
            ("TDPHW207", "No entry that is present at level 2 matches this rule, whose 'W' 'present' rules out; change one of the two or narrow this one with levels")),
        new("Two gaps and an overlap are told at once",
            Format.With("  - { bits: 8 }\n", "").With("- { bits: 2 }", "- { bits: ¦1 }").With("fields:\n  - { name: Read", "¦fields:\n  - { name: Read"),
            ("TDPHW202", "Bits 8, 2 of PTE (level 1, leaf), PDE (level 2, leaf), PDE (level 2, table) have no status; add them to a field, to reserved, to res0 or to ignored"),
            ("TDPHW201", "Bit 1 of PTE (level 1, leaf): claimed by field 'Write' and by 'reserved'" + Cure)),
    ];
}
