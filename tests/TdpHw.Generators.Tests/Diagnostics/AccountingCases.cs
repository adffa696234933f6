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
            ("TDPHW203", "Address bits 51:13 can't hold an address: one range is needed whose lowest bit is that of the smallest page, 12")),
        new("The address is narrower than its limit",
            Format.With("bits: 51:12, role: address, limit: width", "bits: 49:12, role: address, limit: ¦width")
                .With("bits: [63:52, 11:10]", "bits: [63:50, 11:10]"),
            ("TDPHW203", "Address bits 49:12 can't hold an address: capability 'width' must be a width of at most 50 bits")),
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
        new("Two gaps and an overlap are told at once",
            Format.With("  - { bits: 8 }\n", "").With("- { bits: 2 }", "- { bits: ¦1 }").With("fields:\n  - { name: Read", "¦fields:\n  - { name: Read"),
            ("TDPHW202", "Bits 8, 2 of PTE (level 1, leaf), PDE (level 2, leaf), PDE (level 2, table) have no status; add them to a field, to reserved, to res0 or to ignored"),
            ("TDPHW201", "Bit 1 of PTE (level 1, leaf): claimed by field 'Write' and by 'reserved'" + Cure)),
    ];
}
