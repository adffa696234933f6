using System.Text;

namespace TdpHw.Cli.Tests.Simulating;

public sealed class MalformedScenarioTests
{
    // More than a step may have.
    private const long Much = 20_000_000;

    // What is wrong with a step that is itself well-formed YAML.
    [Theory]
    [InlineData("- vmm: {}", "1:3: unknown verb 'vmm'; did you mean 'vm'?")]
    [InlineData("- memslot_del", "1:3: unknown verb 'memslot_del'; did you mean 'memslot_delete'?")]
    [InlineData("- xyzzyxyzzy", "1:3: unknown verb 'xyzzyxyzzy'")]
    [InlineData("- rac: {}", "1:3: unknown verb 'rac'; did you mean 'race'?")]
    [InlineData("- mode:strict", "1:3: unknown verb 'mode:strict'; a space follows the colon behind a verb")]
    [InlineData("- Mode: strict", "1:3: unknown verb 'Mode'; did you mean 'mode'?")]
    [InlineData("- \"\": 1", "1:3: unknown verb ''")]
    [InlineData("- ''", "1:3: unknown verb ''")]
    [InlineData("-", "1:2: a step is a verb with its arguments, not nothing")]
    [InlineData("- # nothing", "1:2: a step is a verb with its arguments, not nothing")]
    [InlineData("- null", "1:3: a step is a verb with its arguments, not 'null'")]
    [InlineData("- {}", "1:3: a step is a verb with its arguments, not nothing")]
    [InlineData("- [vm]", "1:3: a step is a verb with its arguments, not a list")]
    [InlineData("- - vm", "1:3: a step is a verb with its arguments, not a list")]
    [InlineData("- memslot:\n  gpa: 0\n  size: 4K", "2:3: 'gpa' is an argument of 'memslot': indent it deeper")]
    [InlineData("- mode: strict\n  vm: {}", "2:3: 'vm' is a second verb: a step has one, and each starts with '- '")]
    [InlineData("- { vm: {}, vm: {} }", "1:13: 'vm' stands there twice")]
    [InlineData("- vm:\n    huge: 2m\n    maxphyaddr: 40\n    huge: 1g", "4:5: 'huge' stands there twice")]
    [InlineData("- vm: { hug: 2m }", "1:9: unknown argument 'hug' of 'vm'; did you mean 'huge'?")]
    [InlineData("- close: { handle: 1 }", "1:12: unknown argument 'handle' of 'close'; there are: fd")]
    [InlineData("- close: { fdd: 1 }", "1:12: unknown argument 'fdd' of 'close'; did you mean 'fd'?")]
    [InlineData("- report: { all: true }", "1:13: unknown argument 'all' of 'report'; it takes none by name")]
    [InlineData("- report: 1", "1:11: 'report' takes no such argument as '1'")]
    [InlineData("- report: []", "1:11: 'report' takes no such argument as a list")]
    [InlineData("- mm: { fate: exit }", "1:9: unknown argument 'fate' of 'mm'; it takes none by name")]
    [InlineData("- vm: 46", "1:7: 'vm' takes arguments by name (maxphyaddr, ept_levels, huge, mmu_present, tdp_mmu, hyperv, l1tf, nx_huge), not '46'")]
    [InlineData("- hwpt: [0]", "1:9: 'hwpt' takes arguments by name (fd, device, nest_parent), not a list")]
    [InlineData("- hwpt: 0", "1:9: 'hwpt' takes arguments by name (fd, device, nest_parent), not '0'")]
    [InlineData("- mode", "1:3: 'mode' needs 'kind'")]
    [InlineData("- mode: { serve: shared }", "1:3: 'mode' needs 'kind'")]
    [InlineData("- mode: strickt", "1:9: 'mode' takes as-posted or strict, not 'strickt'; did you mean 'strict'?")]
    [InlineData("- mode: null", "1:9: 'mode' takes as-posted or strict, not 'null'")]
    [InlineData("- mode: { kind: strict, serve: shard }", "1:32: 'serve' takes shared, separate or mirrored, not 'shard'; did you mean 'shared'?")]
    [InlineData("- mode: { kind: [strict] }", "1:17: 'kind' takes as-posted or strict, not a list")]
    [InlineData("- mode: { kind: }", "1:11: 'kind' takes as-posted or strict, not nothing")]
    [InlineData("- vm: { maxphyaddr: 31 }", "1:21: 'maxphyaddr' takes 32 to 52, not '31'")]
    [InlineData("- vm: { maxphyaddr: 53 }", "1:21: 'maxphyaddr' takes 32 to 52, not '53'")]
    [InlineData("- vm: { maxphyaddr: null }", "1:21: 'maxphyaddr': 'null' is not a number")]
    [InlineData("- vm: { ept_levels: 3 }", "1:21: 'ept_levels' takes 4 to 5, not '3'")]
    [InlineData("- vm: { huge: 4k }", "1:15: 'huge' takes 2m or 1g, not '4k'")]
    [InlineData("- vm: { mmu_present: middle }", "1:22: 'mmu_present' takes low or high, not 'middle'")]
    [InlineData("- vm: { tdp_mmu: yes }", "1:18: 'tdp_mmu' takes true or false, not 'yes'")]
    [InlineData("- vm: { l1tf: 1 }", "1:15: 'l1tf' takes true or false, not '1'")]
    [InlineData("- vm: { l1tf: null }", "1:15: 'l1tf' takes true or false, not 'null'")]
    [InlineData("- vm: { l1tf: }", "1:9: 'l1tf' takes true or false, not nothing")]
    [InlineData("- vm: { l1tf: { x: 1 } }", "1:15: 'l1tf' takes true or false, not a map")]
    [InlineData("- vcpu: 53", "1:9: 'vcpu' takes 1 to 52, not '53'")]
    [InlineData("- vcpu: wide", "1:9: 'vcpu': 'wide' is not a number")]
    [InlineData("- memslot: { size: 4K }", "1:3: 'memslot' needs 'gpa'")]
    [InlineData("- memslot: { gpa: 0 }", "1:3: 'memslot' needs 'size'")]
    [InlineData("- memslot: { gpa: 0, size: 4K, backing: 8k }", "1:41: 'backing' takes 4k, 2m or 1g, not '8k'")]
    [InlineData("- memslot: { gpa: 0, size: }", "1:22: 'size' takes a number, not nothing")]
    [InlineData("- memslot_delete", "1:3: 'memslot_delete' needs 'gpa'")]
    [InlineData("- memslot_delete: { gpa: 0, slot: 0 }", "1:29: 'gpa' and 'slot' exclude each other")]
    [InlineData("- memslot_delete: { gpa: 0, size: x }", "1:35: 'size': 'x' is not a number")]
    [InlineData("- zap", "1:3: 'zap' needs 'gpa'")]
    [InlineData("- noncoherent_dma", "1:3: 'noncoherent_dma' needs a value")]
    [InlineData("- noncoherent_dma: maybe", "1:20: 'noncoherent_dma' takes true or false, not 'maybe'")]
    [InlineData("- iommu: { name: '' }", "1:18: 'name' takes a name of 1 to 64 characters, not ''")]
    [InlineData("- iommu: { name: ~ }", "1:18: 'name' takes a name of 1 to 64 characters, not '~'")]
    [InlineData("- iommu: { name: \"a\\nb\" }", "1:18: 'name' takes a name of 1 to 64 characters, not 'a\nb'")]
    [InlineData("- iommu: { haw: 64 }", "1:17: 'haw' takes 32 to 52, not '64'")]
    [InlineData("- device", "1:3: 'device' needs 'bdf'")]
    [InlineData("- device: { bdf: 3 }", "1:18: 'bdf': '3' is no device: write bus:device.function, such as 00:03.0")]
    [InlineData("- device: { bdf: 00:20.0 }", "1:18: 'bdf': '00:20.0' is no device")]
    [InlineData("- device: { bdf: 00:03.0, pasid: 0x100000 }", "1:34: 'pasid' takes 0 to 1048575, not '0x100000'")]
    [InlineData("- export: { as_id: 0x100000000 }", "1:20: 'as_id' takes 0 to 4294967295, not '0x100000000'")]
    [InlineData("- hwpt: { device: 00:03.0 }", "1:3: 'hwpt' needs 'fd'")]
    [InlineData("- attach: { device: 00:03.0 }", "1:3: 'attach' needs 'hwpt'")]
    [InlineData("- access: { gpa: 0, write: true, fetch: true }", "1:34: 'write' and 'fetch' exclude each other")]
    [InlineData("- page_request: { device: 00:03.0 }", "1:3: 'page_request' needs 'group'")]
    [InlineData("- page_request: { device: 00:03.0, group: [] }", "1:43: 'group' takes a list, not an empty one")]
    [InlineData("- page_request: { device: 00:03.0, group: 0 }", "1:43: 'group' takes a list, not '0'")]
    [InlineData("- page_request: { device: 00:03.0, group: [0] }", "1:44: a request of 'group' takes gpa, read, write, exec by name, not '0'")]
    [InlineData("- page_request:\n    device: 00:03.0\n    group:\n    - read: true", "4:7: a request of 'group' needs 'gpa'")]
    [InlineData("- page_request: { device: 00:03.0, group: [{ gpa: 0, rwx: true }] }", "1:54: unknown argument 'rwx' of a request of 'group'")]
    [InlineData("- mm", "1:3: 'mm' needs a value")]
    [InlineData("- mm: gone", "1:7: 'mm' takes other, exit or own, not 'gone'")]
    [InlineData("- fail_alloc: 0", "1:15: 'fail_alloc' takes 1 to 9223372036854775807, not '0'")]
    [InlineData("- fail_alloc: 0x8000000000000000", "1:15: 'fail_alloc' takes 1 to 9223372036854775807, not '0x8000000000000000'")]
    [InlineData("- close", "1:3: 'close' needs 'fd'")]
    [InlineData("- close: null", "1:10: 'close': 'null' is not a number")]
    [InlineData("- race", "1:3: 'race' takes lost or a step with its arguments, not nothing")]
    [InlineData("- race: won", "1:9: 'race' takes lost or a step with its arguments, not 'won'")]
    [InlineData("- race: {}", "1:9: a step is a verb with its arguments, not nothing")]
    [InlineData("- race: { during: destroy }", "1:9: a step is a verb with its arguments, not nothing")]
    [InlineData("- race: { during: lunch, zap: { gpa: 0 } }", "1:19: 'during' takes fault or destroy, not 'lunch'")]
    [InlineData("- race: { zap: { gpa: 0 }, poison: 1 }", "1:28: 'poison' is a second verb")]
    [InlineData("- race: { dma: { device: 00:03.0, gpa: 0 } }", "1:11: 'race' takes zap, ")]
    [InlineData("- race: { race: { zap: { gpa: 0 } } }", "1:11: 'race' takes zap, ")]
    [InlineData("- race: { zap: {} }", "1:11: 'zap' needs 'gpa'")]
    [InlineData("- race: [zap]", "1:9: 'race' takes lost or a step with its arguments, not a list")]
    public void A_step_that_is_none_is_told_by_what_is_wrong(string step, string message) => Check(step, message);

    [Theory]
    [InlineData("-1", "is negative")]
    [InlineData("-1K", "is negative")]
    [InlineData("18446744073709551616", "does not fit in 64 bits")]
    [InlineData("0x10000000000000000", "does not fit in 64 bits")]
    [InlineData("16777216T", "does not fit in 64 bits")]
    [InlineData("18014398509481984K", "does not fit in 64 bits")]
    [InlineData("99999999999999999999999999999999999999999999999999999999999", "does not fit in 64 bits")]
    [InlineData("1.5", "is not a number")]
    [InlineData("1e3", "is not a number")]
    [InlineData("1_000", "is not a number")]
    [InlineData("+1", "is not a number")]
    [InlineData("0x", "is not a number")]
    [InlineData("0b1", "is not a number")]
    [InlineData("0o17", "is not a number")]
    [InlineData("0xg", "is not a number")]
    [InlineData("K", "is not a number")]
    [InlineData("1KB", "is not a number")]
    [InlineData("1 K", "is not a number")]
    [InlineData("1P", "is not a number")]
    [InlineData("true", "is not a number")]
    [InlineData("''", "is not a number")]
    [InlineData("\"1\\0\"", "is not a number")]
    [InlineData("١", "is not a number")]
    public void What_is_no_number_of_64_bits_is_told(string number, string message)
    {
        ReadScenario read = ReadScenario.Of($"- mode: strict\n- poison: {{ gpa: {number} }}");

        Assert.StartsWith("s.yaml:2:18: 'gpa': '", read.Error, StringComparison.Ordinal);
        Assert.Contains($"' {message}", read.Error, StringComparison.Ordinal);
        Assert.Equal("mode", read.Verbs);
    }

    // What is wrong with the YAML of a step.
    [Theory]
    [InlineData("- vm: {", "1:8: malformed YAML: ")]
    [InlineData("- vm: { maxphyaddr: 46\n", "1:23: malformed YAML: while parsing a flow mapping, did not find expected ',' or '}'")]
    [InlineData("- vm: { maxphyaddr: 46 ]", "1:24: malformed YAML: ")]
    [InlineData("- vm: { maxphyaddr: 46 }}", "1:25: malformed YAML: ")]
    [InlineData("- : 0 }", "1:8: malformed YAML: ")]
    [InlineData("- mode: \"strict", "1:9: malformed YAML: while scanning a quoted scalar, found unexpected end of stream")]
    [InlineData("- mode: 'strict\n  and\n  more", "1:9: malformed YAML: ")]
    [InlineData("- mode: \"\\q\"", "1:9: malformed YAML: while scanning a quoted scalar, found unknown escape character")]
    [InlineData("- mode: @strict", "1:9: malformed YAML: ")]
    [InlineData("- mode: a: b", "1:10: malformed YAML: ")]
    [InlineData("- mode: strict\n  - vm: {}", "2:3: malformed YAML: ")]
    [InlineData("- vm:\n    huge: 2m\n   tdp_mmu: true", "3:4: malformed YAML: ")]
    [InlineData("- vm:\n  \thuge: 2m", "2:3: malformed YAML: while scanning a mapping, found invalid tab as indentation")]
    [InlineData("- {mode: strict} vm", "1:18: malformed YAML: ")]
    [InlineData("- !<x y", "1:3: malformed YAML: ")]
    [InlineData("- mode: &a strict", "1:9: anchor '&a': write values out where they are needed")]
    [InlineData("- &a mode: strict", "1:3: anchor '&a'")]
    [InlineData("- mode: *a", "1:9: alias '*a': write the value out instead")]
    [InlineData("- *a", "1:3: alias '*a'")]
    [InlineData("- mode: !!str strict", "1:9: tag 'tag:yaml.org,2002:str'")]
    [InlineData("- !mode strict", "1:3: tag '!mode'")]
    [InlineData("- mode: !<tag:x> {}", "1:9: tag 'tag:x'")]
    [InlineData("- vm: { <<: { huge: 2m } }", "1:9: merge key '<<': write the names out instead")]
    [InlineData("- vm:\n    <<:\n    - { huge: 2m }", "2:5: merge key '<<'")]
    [InlineData("- ? [vm]\n  : 1", "1:5: a list stands where a name is expected")]
    [InlineData("- vm: { {}: 1 }", "1:9: a map stands where a name is expected")]
    [InlineData("- vm: { huge: [[[[[[[[1]]]]]]]] }", "1:21: nested deeper than 8 levels; no step needs that")]
    [InlineData("- vm\u0000: {}", "1:5: character U+0000 has no place in a scenario")]
    [InlineData("- vm: \u001b[31m", "1:7: character U+001B has no place in a scenario")]
    [InlineData("- vm\r- report", "1:5: character U+000D has no place in a scenario")]
    [InlineData("- vm\u2028- report", "1:5: character U+2028 has no place in a scenario")]
    [InlineData("- vm\u0085- report", "1:5: character U+0085 has no place in a scenario")]
    [InlineData("# \u0000", "1:3: character U+0000 has no place in a scenario")]
    public void A_step_that_is_no_YAML_of_ours_is_told_by_where(string step, string message) => Check(step, message);

    // What is wrong between the steps.
    [Theory]
    [InlineData("- mode: strict\n@", "2:1: this is part of no step; a step starts with '- ' in column 1")]
    [InlineData("- mode: strict\nvm: {}", "2:1: this is part of no step")]
    [InlineData("- mode: strict\n}", "2:1: this is part of no step")]
    [InlineData("- mode: strict\n-vm", "2:1: this is part of no step")]
    [InlineData("- mode: strict\n--", "2:1: this is part of no step")]
    [InlineData("- mode: strict\n\t- vm", "2:1: a tab is no indentation in YAML; write spaces")]
    [InlineData("  - mode: strict\n- vm", "2:1: the step is indented less than those above; they start in column 3")]
    [InlineData("  - mode: strict\n vm", "2:2: this is part of no step; a step starts with '- ' in column 3")]
    [InlineData("- mode: strict\n---\n- vm", "2:1: a second document starts here; a scenario is one list")]
    [InlineData("- mode: strict\n--- vm", "2:1: a second document starts here")]
    [InlineData("- mode: strict\n...\n---\n- vm", "3:1: the scenario has ended above")]
    [InlineData("- mode: strict\n...\n- vm", "3:1: the scenario has ended above")]
    [InlineData("- mode: strict\n...\n# \u0000", "3:3: character U+0000")]
    [InlineData("- mode: strict\n\u0000", "2:1: character U+0000")]
    [InlineData("- mode: strict\n# \u0000\n- vm", "2:3: character U+0000")]
    [InlineData("- mode: strict\n\n# \u0000", "3:3: character U+0000")]
    [InlineData("- mode: strict\n- \u0000", "2:3: character U+0000")]
    [InlineData("- mode: strict\n- vm: { huge: 2m", "2:17: malformed YAML: ")]
    [InlineData("- mode: strict\n- 'vm", "2:3: malformed YAML: ")]
    [InlineData("- mode: strict\n-", "2:2: a step is a verb")]
    [InlineData("[mode: strict,\n vmm]", "2:2: unknown verb 'vmm'")]
    [InlineData("[mode: strict,\n {vm: [},\n report]", "2:8: malformed YAML: ")]
    [InlineData("[mode: strict,\n vm", "2:4: malformed YAML: the list is not closed, and its last step may not be whole")]
    [InlineData("[mode: strict,\n close: 1\n\n", "2:10: malformed YAML: the list is not closed")]
    [InlineData("[mode: strict,\n vm: \u0000]", "2:6: character U+0000")]
    [InlineData("[mode: strict]\n---\n[vm]", "2:1: a second document starts here; a scenario is one list")]
    [InlineData("[mode: strict]\n# \u0000", "2:3: character U+0000")]
    [InlineData("[mode: strict]\nvm", "2:1: malformed YAML: ")]
    public void What_is_wrong_further_down_leaves_the_steps_above(string text, string message)
    {
        ReadScenario read = ReadScenario.Of(text);

        Assert.StartsWith($"s.yaml:{message}", read.Error, StringComparison.Ordinal);
        Assert.Equal("mode", read.Verbs);
    }

    // A step whose text goes on may not be done without the rest of it.
    [Theory]
    [InlineData("- access:\n    gpa: 0\n    write: \u0000", "3:12: character U+0000")]
    [InlineData("- access:\n    gpa: 0\n    \u0000", "3:5: character U+0000")]
    [InlineData("- access:\n    gpa: 0\n# \u0000\n    write: true", "3:3: character U+0000")]
    [InlineData("- access:\n    gpa: 0\n    write: @", "3:12: malformed YAML")]
    [InlineData("- access: { gpa: 0 }\n  @", "2:3: malformed YAML")]
    public void A_step_is_not_done_in_part(string text, string message)
    {
        ReadScenario read = ReadScenario.Of(text);

        Assert.StartsWith($"s.yaml:{message}", read.Error, StringComparison.Ordinal);
        Assert.Empty(read.Steps);
    }

    [Theory]
    [InlineData("", "1:1: the scenario is empty; write a list of steps, such as '- report'")]
    [InlineData("\n\n  \t\n", "1:1: the scenario is empty")]
    [InlineData("# nothing", "1:1: the scenario is empty")]
    [InlineData("---\n", "1:1: the scenario is empty")]
    [InlineData("\ufeff", "1:1: the scenario is empty")]
    [InlineData("vm: {}", "1:1: a scenario is a list of steps; start each with '- '")]
    [InlineData("\n\n  {vm: {}}", "3:3: a scenario is a list of steps")]
    [InlineData("vm", "1:1: a scenario is a list of steps")]
    [InlineData("\"- vm\"", "1:1: a scenario is a list of steps")]
    [InlineData("---\n---\n- vm", "2:1: a second document starts here; a scenario is one list")]
    [InlineData("...", "1:4: a scenario is a list of steps")]
    [InlineData("&a [vm]", "1:1: anchor '&a'")]
    [InlineData("!!seq [vm]", "1:1: tag 'tag:yaml.org,2002:seq'")]
    [InlineData("--- - vm", "1:5: malformed YAML: ")]
    [InlineData("%YAML 9.9\n---\n- vm", "1:1: malformed YAML: ")]
    [InlineData("{", "1:1: a scenario is a list of steps")]
    [InlineData("]", "1:1: malformed YAML: ")]
    [InlineData("\t- vm", "1:1: a tab is no indentation in YAML; write spaces")]
    [InlineData("@", "1:1: malformed YAML: ")]
    public void What_is_no_list_is_told(string text, string message) => Check(text, message);

    [Theory]
    [InlineData("2d20766d0a2d20ff", "2:3: a byte that is not UTF-8 text")]
    [InlineData("2d20766d0a23c3a9c3", "2:3: a byte that is not UTF-8 text")]
    [InlineData("2d20766d0aed a0 80", "2:1: a byte that is not UTF-8 text")]
    [InlineData("2d20766d0ac0 80", "2:1: a byte that is not UTF-8 text")]
    public void Bytes_that_are_no_text_leave_the_steps_above(string hex, string message)
    {
        ReadScenario read = ReadScenario.Of(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        Assert.Equal(($"s.yaml:{message}", "vm"), (read.Error, read.Verbs));
    }

    [Fact]
    public void Text_of_two_bytes_a_character_is_refused()
    {
        ReadScenario read = ReadScenario.Of(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("- vm")).ToArray());

        Assert.Equal("s.yaml:1:1: a byte that is not UTF-8 text", read.Error);
    }

    [Theory]
    [InlineData("- mode: strict\n- vm: ", "x", "2:1: the line is longer than 1048576 bytes")]
    [InlineData("- mode: strict\n", "- ", "2:1: the line is longer than 1048576 bytes")]
    [InlineData("- mode: strict\n- vm:\n", "   x\n", "more than 16777216 characters without a new step")]
    [InlineData("- mode: strict\n- vm:\n", "   - x: 1\n", "more than 16777216 characters without a new step")]
    [InlineData("[mode: strict,\n{", "x: 1,\n", "3:1: 'x' stands there twice")]
    [InlineData("[mode: strict,\n", "[\n", "nested deeper than 8 levels")]
    [InlineData("[\nmode: strict,\n\"", "x\n", "more than 16777216 characters without a new step")]
    [InlineData("- mode: strict\n", "# x\n", "more than 16777216 characters without a new step")]
    public void Much_input_does_no_harm(string first, string repeated, string message)
    {
        using var endless = new RepeatedBytes(Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(repeated), Much);

        ReadScenario read = ReadScenario.Of(endless);

        Assert.Contains(message, read.Error, StringComparison.Ordinal);
        Assert.Equal("mode", read.Verbs);
    }

    [Theory]
    [InlineData("- vm: ", "[")]
    [InlineData("- vm: ", "{a: ")]
    [InlineData("- vm: ", "{")]
    [InlineData("", "- ")]
    [InlineData("- ", "? ")]
    [InlineData("- ", "[")]
    [InlineData("", "[")]
    [InlineData("", "{")]
    public void Nesting_of_half_a_megabyte_ends(string first, string repeated)
    {
        string text = first + string.Concat(Enumerable.Repeat(repeated, (1 << 19) / repeated.Length));

        Assert.StartsWith("s.yaml:1:", ReadScenario.Of(text).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_quotes_no_more_than_a_line_holds()
    {
        string word = new('x', 1 << 19);

        Assert.InRange(ReadScenario.Of($"- {word}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- {word}: {word}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- vm: {{ {word}: 1 }}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- mode: {word}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- poison: {word}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- mode: *{word}").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- mode: &{word} x").Error!.Length, 1, 200);
        Assert.InRange(ReadScenario.Of($"- mode: !{word} x").Error!.Length, 1, 200);
    }

    private static void Check(string text, string message)
    {
        ReadScenario read = ReadScenario.Of(text);

        Assert.StartsWith($"s.yaml:{message}", read.Error, StringComparison.Ordinal);
        Assert.Empty(read.Steps);
    }
}
