using TdpHw.Cli.Tests.Images;
using TdpHw.Cli.Tests.Running;

namespace TdpHw.Cli.Tests;

public sealed class BadUsageTests
{
    private static readonly string Sample = Capture.File("ept-default", "");

    [Theory]
    [InlineData("did you mean 'walk'", "wlak", "x", "--leaves")]
    [InlineData("did you mean 'walk'", "wal")]
    [InlineData("'--nonsense'", "--nonsense")]
    [InlineData("'IMAGE' missing", "walk")]
    [InlineData("did you mean '--leaves'", "walk", "IMAGE", "--leavs")]
    [InlineData("'again'", "walk", "IMAGE", "again")]
    [InlineData("'--format'", "walk", "IMAGE", "--format")]
    [InlineData("'--root'", "walk", "IMAGE", "--root", "1", "--root", "2")]
    [InlineData("unknown output 'xml'", "walk", "IMAGE", "-o", "xml")]
    [InlineData("exclude each other", "walk", "IMAGE", "--leaves", "--ranges")]
    [InlineData("add --leaves", "walk", "IMAGE", "-o", "tsv")]
    [InlineData("unknown format 'etp'; did you mean 'ept'", "walk", "IMAGE", "--format", "etp")]
    [InlineData("unknown overlay 'kvm-etp'; did you mean 'kvm-ept'", "walk", "IMAGE", "--overlay", "kvm-etp")]
    [InlineData("no variant 'middle'; there are: low", "walk", "IMAGE", "--overlay", "kvm-ept:middle")]
    [InlineData("lies on ept", "walk", "IMAGE", "--overlay", "kvm-ept", "--format", "vtd-ss")]
    [InlineData("neither an address nor a root of this image; there are: as_id 0", "walk", "IMAGE", "--root", "as_id 1")]
    [InlineData("--levels: 'four' is not a number", "walk", "IMAGE", "--levels", "four")]
    [InlineData("--levels: '-4' is negative", "walk", "IMAGE", "--levels", "-4")]
    [InlineData("no walk of 3 levels under these capabilities; there are: 4", "walk", "IMAGE", "--levels", "3")]
    [InlineData("not aligned", "walk", "IMAGE", "--root", "0x14aa62008")]
    [InlineData("wider than the 40 bits", "walk", "IMAGE", "--root", "0x10000000000")]
    [InlineData("--max-rows: '1e6' is not a number", "walk", "IMAGE", "--leaves", "--max-rows", "1e6")]
    [InlineData("--max-rows: '0x8000000000000000' is too large", "walk", "IMAGE", "--leaves", "--max-rows", "0x8000000000000000")]
    [InlineData("--set: 'page_2m' is no setting", "walk", "IMAGE", "--set", "page_2m")]
    [InlineData("'page_2m' takes true or false, not '2'", "walk", "IMAGE", "--set", "page_2m=2")]
    [InlineData("'page_2m' takes true or false, not 'null'", "walk", "IMAGE", "--set", "page_2m=null")]
    [InlineData("'maxphyaddr' takes 32 to 52, not '53'", "walk", "IMAGE", "--set", "maxphyaddr=53")]
    [InlineData("'maxphyaddr' takes 32 to 52, not '0x100000028'", "walk", "IMAGE", "--set", "maxphyaddr=0x100000028")]
    [InlineData("'maxphyaddr' takes 32 to 52, not ''", "walk", "IMAGE", "--set", "maxphyaddr=")]
    [InlineData("register 'cpuid_8000_0008_eax': '0': capability 'maxphyaddr' takes 32 to 52, not 0", "explain", "npt", "1", "--set", "cpuid_8000_0008_eax=0")]
    [InlineData("register 'cpuid_8000_001f_ebx': '1': capability 'c_bit' takes 32 to 51 or null, not 1", "explain", "npt", "1", "--set", "cpuid_8000_001f_ebx=1")]
    [InlineData("unknown capability 'page_4m'; did you mean 'page_2m'", "walk", "IMAGE", "--set", "page_4m=1")]
    [InlineData("register 'ept_vpid_cap': '0xzz' is not a number", "walk", "IMAGE", "--set", "ept_vpid_cap=0xzz")]
    [InlineData("is a capture; --base and --map are for raw files", "walk", "IMAGE", "--base", "0")]
    [InlineData("is a capture; --base and --map are for raw files", "walk", "IMAGE", "--map", "0:0:4096")]
    [InlineData("does not say its format; say it with --format", "walk", "RAW")]
    [InlineData("names no root; say which with --root", "walk", "RAW", "--format", "ept")]
    [InlineData("--root: 'as_id 0' is not a number", "walk", "RAW", "--format", "ept", "--root", "as_id 0")]
    [InlineData("--base: '0x10000000000000000' does not fit in 64 bits", "walk", "RAW", "--base", "0x10000000000000000")]
    [InlineData("not address:offset:size", "walk", "RAW", "--map", "0:0")]
    [InlineData("--map '0:x:1': 'x' is not a number", "walk", "RAW", "--map", "0:x:1")]
    [InlineData("offset that no file reaches", "walk", "RAW", "--map", "0:0x8000000000000000:1")]
    [InlineData("exclude each other", "walk", "RAW", "--map", "0:0:4096", "--base", "0")]
    [InlineData("overlap", "walk", "RAW", "--map", "0:0:4096", "--map", "8:0:4096")]
    [InlineData("multiple of 8", "walk", "RAW", "--base", "0x1001")]
    [InlineData("no address to translate", "translate", "IMAGE")]
    [InlineData("address: '0x1g' is not a number", "translate", "IMAGE", "0x1g")]
    [InlineData("address: '18446744073709551616' does not fit in 64 bits", "translate", "IMAGE", "18446744073709551616")]
    [InlineData("did you mean '--stdin'", "translate", "IMAGE", "0x1000", "--stdni")]
    [InlineData("'-1' is neither an option nor an address", "translate", "IMAGE", "-1")]
    [InlineData("exclude each other", "translate", "IMAGE", "0x1000", "--stdin")]
    [InlineData("unknown access 'z'; there are: r, w, x, u", "translate", "IMAGE", "0x1000", "--access", "z")]
    [InlineData("unknown format 'etp'; did you mean 'ept'", "explain", "etp", "0")]
    [InlineData("name a format", "explain")]
    [InlineData("name an entry", "explain", "ept")]
    [InlineData("'--levle' is neither an option nor an entry; did you mean '--level'", "explain", "ept", "0x0", "--levle")]
    [InlineData("levels 1 to 5, not 6", "explain", "ept", "0x0", "--level", "6")]
    [InlineData("levels 1 to 5, not 0", "explain", "ept", "0x0", "--level", "0")]
    [InlineData("entry: '0x10000000000000000' does not fit in 64 bits", "explain", "ept", "0x10000000000000000")]
    [InlineData("not from the command line", "explain", "ept", "0x0", "--stdin")]
    [InlineData("-o jsonl only", "explain", "--stdin", "-o", "text")]
    [InlineData("unknown format 'etp'; did you mean 'ept'", "formats", "etp")]
    [InlineData("unknown format 'zzzzzz'; there are: amdv1", "formats", "zzzzzz")]
    [InlineData("has no rows", "formats", "ept", "-o", "tsv")]
    [InlineData("unknown shell 'tcsh'", "completion", "tcsh")]
    public async Task A_wrong_command_line_says_what_is_wrong(string message, params string[] args)
    {
        using var folder = new TempFolder();
        string raw = RawFile.Write(folder, "raw.bin", RawFile.Sparse());

        CliRun run = await CliRun.OfAsync(
            [.. args.Select(a => a switch { "IMAGE" => Sample, "RAW" => raw, _ => a })]);

        run.AssertFailed(2, message);
    }

    [Fact]
    public async Task Control_characters_do_not_reach_the_terminal()
    {
        CliRun run = await CliRun.OfAsync("formats", "a\u001b[31m\nb");

        run.AssertFailed(2, "unknown format 'a [31m b'");
    }

    [Fact]
    public async Task A_word_with_an_at_sign_is_no_response_file()
    {
        using var folder = new TempFolder();
        string file = folder.Write("args", "formats");

        CliRun run = await CliRun.OfAsync("@" + file);

        run.AssertFailed(2, "Unrecognized");
    }
}
