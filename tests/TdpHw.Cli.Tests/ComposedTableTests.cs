using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

/// <summary>
/// Tables of kinds that no capture at hand has: five levels of NPT, six of AMD-Vi, and what KVM's first MMU writes. Entries and
/// rows are worked out from the manuals and from KVM's <c>spte.h</c> by hand.
/// </summary>
public sealed class ComposedTableTests
{
    private const string Columns = "root address hpa size level entry perms memtype kind software";
    private const string RangeColumns = "root address hpa size perms memtype leaves";

    /// <summary>PR, IR and IW of an AMD-Vi entry; its next level stands in bits 11:9.</summary>
    private const ulong Amd = 0x6000_0000_0000_0001;

    /// <summary>An entry of NPT that leads to a table: P, RW, US, A, and KVM's MMU_PRESENT.</summary>
    private const ulong NptTable = 0x827;

    /// <summary>The same of EPT: R, W, X, A, MMU_PRESENT.</summary>
    private const ulong EptTable = 0x907;

    [Fact]
    public async Task Five_levels_of_NPT()
    {
        using var folder = new TempFolder();
        string image = ComposedCapture.Write(
            folder,
            "npt",
            48,
            [("ncr3", 0x1000, 5)],
            (0x1000, [(0, 0x2000 | NptTable), (1, 0x3000 | NptTable), (2, 0x2000 | NptTable | 0x80), (511, 0x3000 | (NptTable & ~2ul))]),
            (0x2000, [(0, 0x4000 | NptTable)]),
            (0x3000, [(511, 0x5000 | NptTable)]),

            // A page of 1 GiB; one of 2 MiB, write-protected and not executable; P, RW, US, A, D, HW, MW, MP are 0xe67.
            (0x4000, [(1, 0x8000_0ee7), (2, 0x6000 | NptTable)]),
            (0x5000, [(511, 0x8000 | NptTable)]),
            (0x6000, [(3, 0x8000_0000_0020_0ea5), (4, 0x7000 | NptTable)]),

            // Pages of which the second is not cached, emulated MMIO of generation 0x16, an entry being changed, an empty one.
            (0x7000,
            [
                (5, 0x1_2345_0e67), (6, 0x8_0000_8080_60b7), (7, 0x5a0), (8, 0x8000_0000_0000_0000), (10, 0x1_2345_1e7f), (11, 0x1_2345_2e7f),
            ]),
            (0x8000, [(511, 0x9000 | NptTable)]),
            (0x9000, [(511, 0x77_7e67)]));

        await AssertLists(image, "--leaves", Columns, """
            0x1000 0x40000000 0x80000000 0x40000000 3 0x80000ee7 RWX - leaf -
            0x1000 0x80600000 0x200000 0x200000 2 0x8000000000200ea5 R-- - leaf -
            0x1000 0x80805000 0x123450000 0x1000 1 0x123450e67 RWX - leaf -
            0x1000 0x8080a000 0x123451000 0x1000 1 0x123451e7f RWX - leaf -
            0x1000 0x8080b000 0x123452000 0x1000 1 0x123452e7f RWX - leaf -
            0x1000 0x1fffffffff000 0x777000 0x1000 1 0x777e67 RWX - leaf -
            0x1000 0x1fffffffffff000 0x777000 0x1000 1 0x777e67 R-X - leaf -
            """);
        await AssertLists(image, "--special", Columns, """
            0x1000 0x80806000 - 0x1000 1 0x80000808060b7 --- - reserved mmio
            0x1000 0x80807000 - 0x1000 1 0x5a0 --- - not-present frozen
            0x1000 0x2000000000000 - 0x1000000000000 5 0x28a7 --- - reserved -
            """);
        await AssertLists(image, "--ranges", RangeColumns, """
            0x1000 0x40000000 0x80000000 0x40000000 RWX - 1
            0x1000 0x80600000 0x200000 0x200000 R-- - 1
            0x1000 0x80805000 0x123450000 0x1000 RWX - 1
            0x1000 0x8080a000 0x123451000 0x2000 RWX - 2
            0x1000 0x1fffffffff000 0x777000 0x1000 RWX - 1
            0x1000 0x1fffffffffff000 0x777000 0x1000 R-X - 1
            """);
        await AssertTranslates(image, """
            0x7fffffff mapped 0xbfffffff 0x40000000 3 0x80000ee7 0x4008 RWX -
            0x80805fff mapped 0x123450fff 0x1000 1 0x123450e67 0x7028 RWX -
            0x1ffffffffffffff mapped 0x777fff 0x1000 1 0x777e67 0x9ff8 R-X -
            0x80806000 reserved - - 1 0x80000808060b7 0x7030 RWX -
            0x2000000000000 reserved - - 5 0x28a7 0x1010 RWX -
            0x3000000000000 not-present - - 5 0x0 0x1018 RWX -
            0x200000000000000 address-too-wide - - - - - - -
            """);
    }

    [Fact]
    public async Task Six_levels_of_AMD_Vi()
    {
        using var folder = new TempFolder();
        string image = ComposedCapture.Write(
            folder,
            "amdv1",
            null,
            [("00:02.0", 0x1000, 6)],

            // The root has 128 entries, for bits 63:57. Next levels 5, 1 and 3; no pages, and no table of its own level.
            (0x1000,
            [
                (0, 0x2000 | Amd | 5 << 9), (1, 0x7000 | Amd | 1 << 9), (2, 0x0200_0000_0000_0000 | Amd), (3, Amd | 7 << 9),
                (4, 0x1000 | Amd | 6 << 9), (127, 0x4000 | Amd | 3 << 9),
            ]),

            // A page of 256 TiB, and in four slots one of 1 PiB: bits 48:12 set, bit 49 clear.
            (0x2000,
            [
                (0, 0x3000 | Amd | 4 << 9), (2, 0x0001_0000_0000_0000 | Amd),
                (4, 0x0005_ffff_ffff_f000 | Amd | 7 << 9), (5, 0x0005_ffff_ffff_f000 | Amd | 7 << 9),
                (6, 0x0005_ffff_ffff_f000 | Amd | 7 << 9), (7, 0x0005_ffff_ffff_f000 | Amd | 7 << 9),
            ]),

            // A page of 512 GiB, and a level left out: bits 38:30 are zero below.
            (0x3000, [(3, 0x0000_0280_0000_0000 | Amd), (511, 0x5000 | (Amd & ~(1ul << 62)) | 2 << 9)]),

            // A page of 1 GiB, and two that are not: one starts within another, one has a size below the level's.
            (0x4000, [(0, 0x4000_0000 | Amd), (1, 0x4020_0000 | Amd), (2, 0x4000_7000 | Amd | 7 << 9)]),

            // Slots 8 to 15 hold a page of 16 MiB: bits 22:12 set, bit 23 clear.
            (0x5000,
            [
                (1, 0x20_0000 | Amd), (2, 0x6000 | Amd | 1 << 9),
                .. Enumerable.Range(8, 8).Select(i => (i, 0x17f_f000 | Amd | 7 << 9)),
            ]),
            (0x6000, [(0, 0x8000 | Amd)]),

            // Of level 1: a page, one that is written alone, and in 16 slots one of 64 KiB.
            (0x7000,
            [
                (0, 0x8000 | Amd), (1, 0x9000 | (Amd & ~(1ul << 61))), (2, 0),
                .. Enumerable.Range(16, 16).Select(i => (i, 0x7_7000 | Amd | 7 << 9)),
            ]));

        await AssertLists(image, "--leaves", Columns, """
            0x1000 0x18000000000 0x28000000000 0x8000000000 4 0x6000028000000001 RW- - leaf -
            0x1000 0xff8000200000 0x200000 0x200000 2 0x6000000000200001 R-- - leaf -
            0x1000 0xff8000400000 0x8000 0x1000 1 0x6000000000008001 R-- - leaf -
            0x1000 0xff8001000000 0x1000000 0x1000000 2 0x60000000017ffe01 R-- - leaf -
            0x1000 0x2000000000000 0x1000000000000 0x1000000000000 5 0x6001000000000001 RW- - leaf -
            0x1000 0x4000000000000 0x4000000000000 0x4000000000000 5 0x6005fffffffffe01 RW- - leaf -
            0x1000 0x200000000000000 0x8000 0x1000 1 0x6000000000008001 RW- - leaf -
            0x1000 0x200000000001000 0x9000 0x1000 1 0x4000000000009001 -W- - leaf -
            0x1000 0x200000000010000 0x70000 0x10000 1 0x6000000000077e01 RW- - leaf -
            0x1000 0xfe00000000000000 0x40000000 0x40000000 3 0x6000000040000001 RW- - leaf -
            """);
        await AssertLists(image, "--special", Columns, """
            0x1000 0x400000000000000 - 0x200000000000000 6 0x6200000000000001 --- - reserved -
            0x1000 0x600000000000000 - 0x200000000000000 6 0x6000000000000e01 --- - illegal -
            0x1000 0x800000000000000 - 0x200000000000000 6 0x6000000000001c01 --- - illegal -
            0x1000 0xfe00000040000000 - 0x40000000 3 0x6000000040200001 --- - illegal -
            0x1000 0xfe00000080000000 - 0x40000000 3 0x6000000040007e01 --- - illegal -
            """);
        await AssertLists(image, "--ranges", RangeColumns, """
            0x1000 0x18000000000 0x28000000000 0x8000000000 RW- - 1
            0x1000 0xff8000200000 0x200000 0x200000 R-- - 1
            0x1000 0xff8000400000 0x8000 0x1000 R-- - 1
            0x1000 0xff8001000000 0x1000000 0x1000000 R-- - 1
            0x1000 0x2000000000000 0x1000000000000 0x1000000000000 RW- - 1
            0x1000 0x4000000000000 0x4000000000000 0x4000000000000 RW- - 1
            0x1000 0x200000000000000 0x8000 0x1000 RW- - 1
            0x1000 0x200000000001000 0x9000 0x1000 -W- - 1
            0x1000 0x200000000010000 0x70000 0x10000 RW- - 1
            0x1000 0xfe00000000000000 0x40000000 0x40000000 RW- - 1
            """);

        // Index bits of levels that are left out have to be zero, at the top of a walk and in its middle.
        await AssertTranslates(image, """
            0x20000000001ffff mapped 0x7ffff 0x10000 1 0x6000000000077e01 0x70f8 RW- -
            0x200000000200000 not-present - - 6 0x6000000000007201 0x1008 RWX -
            0x300000000000000 not-present - - 6 0x6000000000007201 0x1008 RWX -
            0x7ffffffffffff mapped 0x7ffffffffffff 0x4000000000000 5 0x6005fffffffffe01 0x2038 RW- -
            0xffffffffffffffff not-present - - 6 0x6000000000004601 0x13f8 RWX -
            0xff8001ffffff mapped 0x1ffffff 0x1000000 2 0x60000000017ffe01 0x5078 R-- -
            0xffc000400000 not-present - - 4 0x2000000000005401 0x3ff8 RW- -
            0x400000000000000 reserved - - 6 0x6200000000000001 0x1010 RWX -
            """);
    }

    /// <summary>
    /// KVM's first MMU (<c>tdp_mmu=0</c>) writes the same entries by other rules: several roots, entries of every sort of write
    /// protection, and zero for what it zapped.
    /// </summary>
    [Fact]
    public async Task Tables_of_KVMs_first_MMU()
    {
        using var folder = new TempFolder();
        string image = ComposedCapture.Write(
            folder,
            "ept",
            46,
            [("eptp", 0x1000, 4), ("smm", 0x9000, 4), ("smm", 0x9000, 4)],
            (0x1000, [(0, 0x2000 | EptTable)]),

            // The second half of the gigabytes is not there; one entry was zapped.
            (0x2000, [(0, 0x3000 | EptTable), (1, 0), (2, 0x5000 | EptTable), (3, 0x0060_0000_c000_0bf7 | (0x6ul << 56))]),

            // 2 MiB that can't be executed since the guest would multihit (R, W, EMT, IPAT, PS, A, D, MP), and a split one.
            (0x3000, [(1, 0x0600_0000_0020_0bf3), (2, 0x4000 | EptTable)]),

            // Written; write-protected to log writes (MW stays); write-tracked (MW goes); read-only on the host (HW goes); zapped;
            // tracked by write protection alone (ADT = 2); no memory type overridden, and not cached.
            (0x4000,
            [
                (0, 0x0600_0001_4850_4b77), (1, 0x0600_0001_4850_5b75), (2, 0x0200_0001_4850_6975), (3, 0x0000_0001_4850_7975),
                (4, 0), (5, 0x0620_0001_4850_9975), (6, 0x0600_0001_4850_ab37), (7, 0x0600_0001_4850_b907),
            ]),

            // MMIO of generation 0x1e below a table of its own, of a generation that needs the upper bits, and tracked entries:
            // rights saved at 54 and 56, type 1 at 53:52.
            (0x5000, [(0, 0x6000 | EptTable), (511, 0x7000 | 0x0010_0000_0000_0807)]),
            (0x6000, [(0, 0x8000_00f6), (1, 0x0090_0000_8000_100e), (2, 0x0010_0000_8000_2006)]),
            (0x7000, [(0, 0x0750_0001_4860_d870), (1, 0x0610_0001_4860_e877), (511, 0x0750_0001_4864_8870)]),
            (0x9000, [(511, 0xa000 | EptTable)]),
            (0xa000, [(0, 0x3000 | EptTable)]));

        string[] pages =
        [
            "200000 0x200000 0x200000 2 0x600000000200bf3 RW- WB leaf -",
            "400000 0x148504000 0x1000 1 0x600000148504b77 RWX WB leaf -",
            "401000 0x148505000 0x1000 1 0x600000148505b75 R-X WB leaf -",
            "402000 0x148506000 0x1000 1 0x200000148506975 R-X WB leaf -",
            "403000 0x148507000 0x1000 1 0x148507975 R-X WB leaf -",
            "405000 0x148509000 0x1000 1 0x620000148509975 R-X WB leaf -",
            "406000 0x14850a000 0x1000 1 0x60000014850ab37 RWX WB leaf -",
            "407000 0x14850b000 0x1000 1 0x60000014850b907 RWX UC leaf -",
        ];
        await AssertLists(image, "--leaves", Columns, string.Join('\n',
        [
            .. pages.Select(p => "0x1000 0x" + p),
            "0x1000 0xbfe01000 0x14860e000 0x1000 1 0x61000014860e877 RWX WB leaf -",
            "0x1000 0xc0000000 0xc0000000 0x40000000 3 0x6600000c0000bf7 RWX WB leaf -",
            .. pages.Select(p => "0x9000 0xff8000" + p),
        ]));
        await AssertLists(image, "--special", Columns, """
            0x1000 0x80000000 - 0x1000 1 0x800000f6 --- - misconfigured mmio
            0x1000 0x80001000 - 0x1000 1 0x9000008000100e --- - misconfigured mmio
            0x1000 0x80002000 - 0x1000 1 0x10000080002006 --- - misconfigured mmio
            0x1000 0xbfe00000 - 0x1000 1 0x75000014860d870 --- - not-present access-tracked
            0x1000 0xbffff000 - 0x1000 1 0x750000148648870 --- - not-present access-tracked
            """);
        await AssertLists(image, "--ranges", RangeColumns, string.Join('\n',
            Ranges("0x1000", "0x").Concat(
            [
                "0x1000 0xbfe01000 0x14860e000 0x1000 RWX WB 1", "0x1000 0xc0000000 0xc0000000 0x40000000 RWX WB 1",
            ]).Concat(Ranges("0x9000", "0xff8000"))));
        await AssertTranslates(image, """
            0x402fff mapped 0x148506fff 0x1000 1 0x200000148506975 0x4010 R-X WB
            0x404000 not-present - - 1 0x0 0x4020 RWX -
            0x40000000 not-present - - 3 0x0 0x2008 RWX -
            0xbfe00000 not-present - - 1 0x75000014860d870 0x7000 RWX -
            0x80002000 illegal - - 1 0x10000080002006 0x6010 RWX -
            """, "--root", "eptp");

        // The types of neighbours must be alike too.
        static IEnumerable<string> Ranges(string root, string above) =>
        [
            $"{root} {above}200000 0x200000 0x200000 RW- WB 1",
            $"{root} {above}400000 0x148504000 0x1000 RWX WB 1",
            $"{root} {above}401000 0x148505000 0x3000 R-X WB 3",
            $"{root} {above}405000 0x148509000 0x1000 R-X WB 1",
            $"{root} {above}406000 0x14850a000 0x1000 RWX WB 1",
            $"{root} {above}407000 0x14850b000 0x1000 RWX UC 1",
        ];
    }

    /// <summary>An IPA of 40 bits is one more than a table of level 1 indexes: two of them lie side by side, as one root.</summary>
    [Fact]
    public async Task A_root_of_two_tables_of_ARM()
    {
        using var folder = new TempFolder();
        string image = ComposedCapture.Write(
            folder,
            "armv8-s2",
            null,
            [("vttbr", 0x2000, 3)],

            // Blocks of 1 GiB and 2 MiB, the second not executable; a page, and one whose access flag is clear. V, type,
            // MemAttr 15, S2AP 3 and AF are 0x4fd and 0x4ff.
            (0x2000, [(1, 0x4000_04fd)]),
            (0x3000, [(3, 0x4003)]),
            (0x4000, [(5, 0x40_0000_0020_04fd), (6, 0x5003)]),
            (0x5000, [(7, 0x94ff), (8, 0x90ff)]));
        string[] narrow = ["--set", "input_size=40"];

        await AssertLists(image, "--leaves", Columns, """
            0x2000 0x40000000 0x40000000 0x40000000 3 0x400004fd RWX - leaf -
            0x2000 0x80c0a00000 0x200000 0x200000 2 0x400000002004fd RW- - leaf -
            0x2000 0x80c0c07000 0x9000 0x1000 1 0x94ff RWX - leaf -
            """, narrow);
        await AssertLists(image, "--special", Columns, "0x2000 0x80c0c08000 - 0x1000 1 0x90ff --- - illegal -", narrow);
        await AssertTranslates(image, """
            0x80c0bfffff mapped 0x3fffff 0x200000 2 0x400000002004fd 0x4028 RW- -
            0x80c0c08000 illegal - - 1 0x90ff 0x5040 RWX -
            0x10000000000 address-too-wide - - - - - - -
            """, narrow);
        (await CliRun.OfAsync("walk", image)).AssertFailed(
            3, "no walk of 3 levels under these capabilities; there are: 4; 3 levels translate an input_size of 32 to 43");
    }

    private static async Task AssertLists(string image, string what, string columns, string rows, params string[] more)
    {
        CliRun run = await CliRun.OfAsync(["walk", image, what, .. more, "-o", "tsv"]);

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Equal([columns, .. rows.Split('\n')], run.Lines.Select(l => l.Replace('\t', ' ')));
    }

    private static async Task AssertTranslates(string image, string rows, params string[] more)
    {
        string[] expected = rows.Split('\n');
        string[] addresses = [.. expected.Select(r => r.Split(' ')[0])];

        CliRun run = await CliRun.OfAsync(["translate", image, .. addresses, .. more, "-o", "tsv"]);

        Assert.Equal((1, ""), (run.Exit, run.Errors));
        Assert.Equal(expected, run.Lines.Skip(1).Select(l => l.Replace('\t', ' ')));
    }
}
