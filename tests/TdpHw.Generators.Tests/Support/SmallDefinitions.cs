namespace TdpHw.Generators.Tests.Support;

/// <summary>A small valid definition of each kind, for tests that break one thing in it.</summary>
internal static class SmallDefinitions
{
    public static DefinitionText Format { get; } = new("tiny.hwdef.yaml", """
        hwdef: 1
        kind: page-table-format
        name: Tiny
        id: tiny
        doc: A format of two levels
        sources:
          man: A manual
        cite: man 1
        input: GPA
        page: 12
        index: 9
        check-order: malformed-first
        levels: { 1: PTE, 2: PDE }
        walks:
          - { levels: 2, input: 30 }
        capabilities:
          - { name: width, width: 32..52, default: 46, doc: width of an address }
          - { name: page_2m, flag: true, from: TinyCap.Page2M, doc: a PDE may map a page }
          - { name: dirty, flag: true, doc: dirty flags }
        enums:
          TinyType:
            - { value: 0, name: UC, doc: uncacheable }
            - { value: 6, name: WB, doc: write back }
        fields:
          - { name: Read, sym: R, bits: 0, doc: allows reads }
          - { name: Write, sym: W, bits: 1, doc: allows writes }
          - { name: MemoryType, sym: MT, bits: 5:3, for: leaf, enum: TinyType, doc: memory type }
          - { name: PageSize, sym: PS, bits: 7, levels: 2, doc: the entry maps a page }
          - { name: Dirty, sym: D, bits: 9, for: leaf, needs: dirty, else: ignored, doc: the page was written }
          - { name: Address, sym: ADDR, bits: 51:12, role: address, limit: width, above: reserved, below: reserved, doc: address }
        reserved:
          - { bits: 2 }
          - { bits: 5:3, for: table }
        ignored:
          - { bits: 6 }
          - { bits: 7, levels: 1 }
          - { bits: 8 }
          - { bits: 9, for: table }
          - { bits: [63:52, 11:10] }
        present:
          - { any: [R, W] }
        leaf:
          - { levels: 1 }
          - { levels: 2, when: { PS: 1 }, needs: page_2m, else: reserved }
        illegal:
          - { name: write-only, when: { R: 0, W: 1 }, doc: writable but not readable }
        rights:
          - { right: read, when: { R: 1 } }
        """);

    /// <summary>Extends <see cref="Format"/>; beside the others when a test is about it.</summary>
    public static DefinitionText Extension { get; } = new("wide.hwdef.yaml", """
        hwdef: 1
        kind: page-table-format
        name: Wide
        id: wide
        extends: Tiny
        doc: The format with a third level
        levels: { 1: PTE, 2: PDE, 3: PUE }
        walks:
          - { levels: 3, input: 39 }
        fields:
          - { name: Pinned, sym: PIN, bits: 8, for: leaf, doc: the page stays }
        ignored:
          - { bits: 8, for: table }
          - { bits: 7, levels: 3 }
        """);

    public static DefinitionText Register { get; } = new("tiny-cap.hwdef.yaml", """
        hwdef: 1
        kind: register
        name: TinyCap
        id: tiny_cap
        doc: What a processor can do
        sources:
          man: A manual
        cite: man 2
        bits: 32
        fields:
          - { name: Page2M, sym: P2M, bits: 0, doc: large pages }
          - { name: Count, sym: CNT, bits: 7:4, plus: 1, doc: how many there are }
        views:
          - { name: Many, bits: 7, doc: at least eight of them }
        reserved:
          - { bits: [31:8, 3:1] }
        """);

    public static DefinitionText Overlay { get; } = new("tiny-use.hwdef.yaml", """
        hwdef: 1
        kind: overlay
        name: TinyUse
        id: tiny-use
        base: Tiny
        unless: [dirty]
        doc: How a kernel uses it
        sources:
          src: The kernel
        cite: src
        variants:
          - { id: old, doc: the old way }
          - { id: new, zero: 11, doc: the new way }
        capabilities:
          - { name: cache_bits, width: 32..46, optional: true, doc: width of a cache address }
        fields:
          - { name: Present, sym: P, bits: 11, variants: old, doc: present to the kernel }
          - { name: Present, sym: P, bits: 59, variants: new, doc: present to the kernel }
          - { name: Pinned, sym: PIN, bits: 52, for: leaf, doc: pinned in memory }
        encodings:
          - name: swapped
            doc: on disk
            when: { R: 0, W: 0 }
            fields:
              - { name: Slot, bits: 51:12, displace: { bits: 5, below: cache_bits }, doc: slot on the disk }
          - { name: empty, values: [0x0], doc: holds nothing }
        """);

    public static DefinitionText Struct { get; } = new("tiny-meta.hwdef.yaml", """
        hwdef: 1
        kind: struct
        name: TinyMeta
        id: tiny-meta
        doc: What an exporter says
        sources:
          man: A manual
        cite: man 3
        size: 32
        members:
          - { name: Kind, type: u32, offset: 0, doc: which format }
          - { name: Root, type: u64, offset: 8, doc: the root table }
          - { name: Mask, type: u32, offset: 16, dims: [3], doc: a mask a level }
        """);

    public static IReadOnlyList<DefinitionText> All { get; } = [Format, Register, Overlay, Struct];
}
