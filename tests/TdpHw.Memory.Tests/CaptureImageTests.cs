using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using static TdpHw.Memory.Tests.Entries;

namespace TdpHw.Memory.Tests;

public sealed class CaptureImageTests : IDisposable
{
    private const string Minimal = """{"format":"some-format","roots":[]}""";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Captures =>
        ["amdv1-3level", "ept-default", "ept-noad", "ept-huge", "npt-4level", "vtd-ss-48", "vtd-ss-48-scalable"];

    public void Dispose() => _folder.Dispose();

    private static string PathOf(string capture) => Path.Combine(AppContext.BaseDirectory, "captures", capture);

    private static byte[] Record(ulong address, ulong tag)
    {
        byte[] record = new byte[8 + 4096];
        BinaryPrimitives.WriteUInt64LittleEndian(record, address);
        TempFolder.Bytes(Pages(1, tag)).CopyTo(record, 8);
        return record;
    }

    private CaptureImage Open(string description, params byte[] tables)
    {
        File.WriteAllText(_folder.PathOf("capture.json"), description);
        _folder.Write("tables.bin", tables);
        return CaptureImage.Open(_folder.FullName);
    }

    private string Refused(string description, params byte[] tables) =>
        Assert.Throws<ImageException>(() => Open(description, tables)).Message;

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_page_of_a_capture_is_in_memory(string capture)
    {
        using CaptureImage image = CaptureImage.Open(PathOf(capture));
        byte[] tables = File.ReadAllBytes(Path.Combine(PathOf(capture), "tables.bin"));

        Assert.Equal(tables.Length / 4104, image.PageCount);
        for (int record = 0; record < tables.Length; record += 4104)
        {
            ulong address = BinaryPrimitives.ReadUInt64LittleEndian(tables.AsSpan(record));
            ulong[]? table = Table(image.Memory, address, 512);
            Assert.NotNull(table);
            Assert.Equal(tables[(record + 8)..(record + 4104)], TempFolder.Bytes(table));
            Assert.Equal(table[511], Read(image.Memory, address + 0xff8));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void Capture_says_what_its_description_says(string capture)
    {
        using CaptureImage image = CaptureImage.Open(PathOf(capture));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(Path.Combine(PathOf(capture), "capture.json")));

        Assert.Equal(json.RootElement.GetProperty("format").GetString(), image.FormatId);
        Assert.Equal(
            json.RootElement.GetProperty("parameters").EnumerateObject().Select(p => (p.Name, p.Value.ToString().ToUpperInvariant())),
            image.Parameters.Select(p => (p.Name, p.Text.ToUpperInvariant())));
        Assert.All(image.Parameters, p => Assert.NotEqual(ImageParameterKind.Text, p.Kind));
        Assert.Equal(
            json.RootElement.GetProperty("roots").EnumerateArray().Select(r =>
                (r.GetProperty("name").GetString(), r.GetProperty("hpa").GetString(), r.GetProperty("levels").GetInt32())),
            image.Roots.Select(r => ((string?)r.Name, (string?)r.Table.ToString(), r.Levels)));
        Assert.All(image.Roots, r => Assert.NotNull(Table(image.Memory, r.Table.Value, 512)));
        Assert.Equal(PathOf(capture), image.Location);
        Assert.Null(image.ReadError);
    }

    [Fact]
    public void Known_values_of_a_capture()
    {
        using CaptureImage image = CaptureImage.Open(PathOf("ept-default"));

        Assert.Equal("ept", image.FormatId);
        Assert.Equal(new ImageRoot("as_id 0", At(0x14aa62000), 4), Assert.Single(image.Roots));
        ImageParameter[] expected =
        [
            new("levels", ImageParameterKind.Number, 4, "4"),
            new("maxphyaddr", ImageParameterKind.Number, 40, "40"),
            new("ia32_vmx_ept_vpid_cap", ImageParameterKind.Number, 0xf0106334141, "0x00000f0106334141"),
            new("eptp", ImageParameterKind.Number, 0x14aa6205e, "0x14aa6205e"),
            new("accessed_dirty", ImageParameterKind.Flag, 1, "true"),
        ];
        Assert.Equal(expected, image.Parameters.AsEnumerable());
    }

    [Fact]
    public void Roots_that_share_a_table_are_all_kept()
    {
        using CaptureImage image = CaptureImage.Open(PathOf("vtd-ss-48-scalable"));

        Assert.Equal(9, image.Roots.Length);
        Assert.Equal(["00:1f.0", "00:1f.2", "00:1f.3"], image.Roots.Where(r => r.Table.Value == 0xe4ff000).Select(r => r.Name));
    }

    [Fact]
    public void Visitor_gets_the_memory()
    {
        using CaptureImage image = Open(Minimal, Record(0x5000, 7));

        Assert.Equal((typeof(SparseMemory), 7UL), image.Accept(new FirstEntryVisitor(0x5000)));
    }

    [Fact]
    public void Description_and_tables_suffice_and_other_files_do_not_matter()
    {
        _folder.Write("notes.txt", [1, 2, 3]);
        using CaptureImage image = Open(Minimal, [.. Record(0, 1), .. Record(0xf_ffff_ffff_f000, 2)]);

        Assert.Equal("some-format", image.FormatId);
        Assert.Empty(image.Parameters);
        Assert.Empty(image.Roots);
        Assert.Equal(1UL, Read(image.Memory, 0));
        Assert.Equal(2UL, Read(image.Memory, 0xf_ffff_ffff_f000));
    }

    [Fact]
    public void Capture_without_pages_has_nothing_in_memory()
    {
        using CaptureImage image = Open(Minimal);

        Assert.Equal(0, image.PageCount);
        Assert.Null(Read(image.Memory, 0));
    }

    [Fact]
    public void Capture_of_more_records_than_a_read_takes_is_whole()
    {
        using CaptureImage image = Open(
            Minimal, [.. Enumerable.Range(0, 600).SelectMany(i => Record((ulong)i * 0x1000, (ulong)i * 512))]);

        Assert.Equal(600, image.PageCount);
        Assert.Equal(Pages(600, 0), Table(image.Memory, 0, 600 * 512));
    }

    [Fact]
    public void Byte_order_mark_is_skipped()
    {
        _folder.Write("capture.json", [0xef, 0xbb, 0xbf, .. System.Text.Encoding.UTF8.GetBytes(Minimal)]);
        _folder.Write("tables.bin", []);

        Assert.Equal("some-format", CaptureImage.Open(_folder.FullName).FormatId);
    }

    [Fact]
    public void Utf16_is_refused()
    {
        _folder.Write("capture.json", [.. System.Text.Encoding.Unicode.Preamble, .. System.Text.Encoding.Unicode.GetBytes(Minimal)]);
        _folder.Write("tables.bin", []);

        ImageException e = Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName));

        Assert.StartsWith(_folder.PathOf("capture.json") + ":1:1: ", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("40", ImageParameterKind.Number, 40UL, "40")]
    [InlineData("18446744073709551615", ImageParameterKind.Number, ulong.MaxValue, "18446744073709551615")]
    [InlineData("\"0xFFFFFFFFffffffff\"", ImageParameterKind.Number, ulong.MaxValue, "0xFFFFFFFFffffffff")]
    [InlineData("\"0X0000000000000000000A\"", ImageParameterKind.Number, 10UL, "0X0000000000000000000A")]
    [InlineData("\"12\"", ImageParameterKind.Number, 12UL, "12")]
    [InlineData("true", ImageParameterKind.Flag, 1UL, "true")]
    [InlineData("false", ImageParameterKind.Flag, 0UL, "false")]
    [InlineData("null", ImageParameterKind.Null, 0UL, "null")]
    [InlineData("18446744073709551616", ImageParameterKind.Text, 0UL, "18446744073709551616")]
    [InlineData("-1", ImageParameterKind.Text, 0UL, "-1")]
    [InlineData("1.5", ImageParameterKind.Text, 0UL, "1.5")]
    [InlineData("\"0x\"", ImageParameterKind.Text, 0UL, "0x")]
    [InlineData("\"0x10000000000000000\"", ImageParameterKind.Text, 0UL, "0x10000000000000000")]
    [InlineData("\" 1\"", ImageParameterKind.Text, 0UL, " 1")]
    [InlineData("\"\"", ImageParameterKind.Text, 0UL, "")]
    [InlineData("\"legacy\"", ImageParameterKind.Text, 0UL, "legacy")]
    [InlineData("[1, {\"a\": 2}]", ImageParameterKind.Text, 0UL, "[1, {\"a\": 2}]")]
    public void Parameter_is_what_its_value_looks_like(string json, ImageParameterKind kind, ulong number, string text)
    {
        using CaptureImage image = Open($$"""{"format":"f","roots":[],"parameters":{"p":{{json}},"q":1} }""");

        ImageParameter[] expected = [new("p", kind, number, text), new("q", ImageParameterKind.Number, 1, "1")];
        Assert.Equal(expected, image.Parameters.AsEnumerable());
    }

    [Theory]
    [InlineData("\"0x14aa62000\"", "4", 0x14aa62000UL, 4)]
    [InlineData("8192", "\"0x5\"", 8192UL, 5)]
    [InlineData("\"4096\"", "\"1\"", 4096UL, 1)]
    [InlineData("\"0xffffffffffffffff\"", "6", ulong.MaxValue, 6)]
    public void Root_numbers_may_be_numbers_or_strings(string hpa, string levels, ulong table, int expected)
    {
        using CaptureImage image = Open($$"""{"format":"f","roots":[{"hpa":{{hpa}},"levels":{{levels}},"domain":{"x":[]} }]}""");

        Assert.Equal(new ImageRoot("", At(table), expected), Assert.Single(image.Roots));
    }

    [Theory]
    [InlineData("""{"roots":[]}""", ": property 'format' is missing or empty")]
    [InlineData("""{"format":"","roots":[]}""", ": property 'format' is missing or empty")]
    [InlineData("""{"format":"f"}""", ": property 'roots' is missing")]
    [InlineData("""{"format":7,"roots":[]}""", ":1:11: format: expected a string, found a number")]
    [InlineData("""{"format":null,"roots":[]}""", ":1:11: format: expected a string, found null")]
    [InlineData("""{"format":"f","roots":{}}""", ":1:23: roots: expected an array, found an object")]
    [InlineData("""{"format":"f","roots":[7]}""", ":1:24: roots[0]: expected an object, found a number")]
    [InlineData("""{"format":"f","roots":[{"levels":4}]}""", ":1:24: roots[0]: property 'hpa' is missing")]
    [InlineData("""{"format":"f","roots":[{"hpa":0}]}""", ":1:24: roots[0]: property 'levels' is missing")]
    [InlineData("""{"format":"f","roots":[{"hpa":0,"levels":4,"name":1}]}""", ":1:51: roots[0].name: expected a string, found a number")]
    [InlineData("""{"format":"f","roots":[],"parameters":[]}""", ":1:39: parameters: expected an object, found an array")]
    [InlineData("""{"format":"f","roots":[],"sha256":"aa"}""", ":1:35: sha256: expected an object, found a string")]
    [InlineData("""{"format":"f","roots":[],"sha256":{"tables.bin":1}}""", ":1:49: sha256['tables.bin']: expected a string, found a number")]
    [InlineData("""{"format":"f","roots":[],"sha256":{"tables.bin":"aa"}}""", ":1:49: sha256['tables.bin']: is not a SHA-256 of 64 hexadecimal digits")]
    [InlineData("""{"format":"f","roots":[],"format":"g"}""", ":1:26: property 'format' stands there twice")]
    [InlineData("""{"format":"f","roots":[],"parameters":{"a":1,"a":2}}""", ":1:46: parameters: property 'a' stands there twice")]
    [InlineData("[]", ":1:1: expected an object, found an array")]
    [InlineData("\"é\"", ":1:1: expected an object, found a string")]
    [InlineData("{\n \"é\": 1,\n \"format\": true}", ":3:12: format: expected a string, found true or false")]
    [InlineData("{\n \"é\": \"é\", \"format\": true}", ":2:22: format: expected a string, found true or false")]
    [InlineData("""{"format":"f","roots":[],"parameters":{"a":"\ud800"}}""", ":1:44: parameters.a: a string that is not valid Unicode")]
    public void Description_of_the_wrong_shape_is_refused_with_its_place(string json, string expected) =>
        Assert.Equal(_folder.PathOf("capture.json") + expected, Refused(json));

    [Theory]
    [InlineData("\"14aa62000\"", "\"14aa62000\"")]
    [InlineData("\"0xg\"", "\"0xg\"")]
    [InlineData("\"0x1\\u0000\"", "\"0x1?\"")]
    [InlineData("\"0x\"", "\"0x\"")]
    [InlineData("\"-4096\"", "\"-4096\"")]
    [InlineData("\"0x-1\"", "\"0x-1\"")]
    [InlineData("\" 0x1\"", "\" 0x1\"")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"0x10000000000000000\"", "\"0x10000000000000000\"")]
    [InlineData("-4096", "-4096")]
    [InlineData("4096.5", "4096.5")]
    [InlineData("18446744073709551616", "18446744073709551616")]
    [InlineData("null", "null")]
    [InlineData("[]", "an array")]
    [InlineData("true", "true or false")]
    public void Root_address_that_is_none_is_refused(string hpa, string named)
    {
        string message = Refused($$"""{"format":"f","roots":[{"hpa":0,"levels":1},{"levels":4,"hpa":{{hpa}}}]}""");

        Assert.Equal(
            $"{_folder.PathOf("capture.json")}:1:63: roots[1].hpa: {named} is not a whole number from 0 to 2^64-1 (decimal, or a string \"0x…\")",
            message);
    }

    [Theory]
    [InlineData("0", "0 levels; a walk has 1 to 6")]
    [InlineData("7", "7 levels; a walk has 1 to 6")]
    [InlineData("4294967300", "4294967300 levels; a walk has 1 to 6")]
    [InlineData("-4", "-4 is not a whole number from 0 to 2^64-1 (decimal, or a string \"0x…\")")]
    [InlineData("\"four\"", "\"four\" is not a whole number from 0 to 2^64-1 (decimal, or a string \"0x…\")")]
    public void Root_levels_out_of_range_are_refused(string levels, string expected) =>
        Assert.Equal(
            $"{_folder.PathOf("capture.json")}:1:42: roots[0].levels: {expected}",
            Refused($$"""{"format":"f","roots":[{"hpa":0,"levels":{{levels}}}]}"""));

    [Theory]
    [InlineData("{", ":1:2: ")]
    [InlineData("{\n  \"format\": \"f\"\n  \"roots\": []\n}", ":3:3: ")]
    [InlineData("{\"format\":\"f\",}", ":1:15: ")]
    [InlineData("{\"format\":\"f\",\"roots\":[]} x", ":1:27: ")]
    [InlineData("{\"é\": x}", ":1:7: ")]
    [InlineData("// comment\n{}", ":1:1: ")]
    [InlineData("{\"format\":\"f\",\"roots\":[{\"hpa\":0,", ":1:32: ")]
    [InlineData("\0\0\0\0", ":1:1: ")]
    public void Malformed_json_is_refused_with_line_and_column(string json, string place)
    {
        string message = Refused(json);

        Assert.StartsWith(_folder.PathOf("capture.json") + place, message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Theory]
    [InlineData("""{"deep":""", "")]
    [InlineData("""{"parameters":{"deep":""", "")]
    [InlineData("""{"format":"f","roots":[{"deep":""", "")]
    [InlineData("{\n", "\"x\":")]
    public void Deep_nesting_is_refused(string start, string between)
    {
        string message = Refused(start + between + new string('[', 100_000));

        Assert.StartsWith(_folder.PathOf("capture.json") + ":", message, StringComparison.Ordinal);
        Assert.Contains("depth", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_refused()
    {
        _folder.Write("capture.json", [.. "{\"format\":\""u8, 0xc3, 0x28, .. "\",\"roots\":[]}"u8]);
        _folder.Write("tables.bin", []);

        ImageException e = Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName));

        Assert.StartsWith(_folder.PathOf("capture.json") + ":1:11: format: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_is_one_line_whatever_it_quotes()
    {
        string message = Refused("""{"format":"f","roots":[{"hpa":"1\n2\u001b[31m\u2028"}]}""");

        Assert.Contains("\"1?2?[31m?\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Huge_description_is_refused_unread()
    {
        _folder.Write("tables.bin", []);
        using (FileStream json = File.Create(_folder.PathOf("capture.json")))
        {
            json.SetLength(8L << 30);
        }

        Assert.Equal(
            $"{_folder.PathOf("capture.json")}: 8589934592 bytes are too much for a description; at most 67108864 are read",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName)).Message);
    }

    [Theory]
    [InlineData(4103, "record 1 at byte 0: is cut at byte 4103; a record has 4104 bytes, this one 4103")]
    [InlineData(4105, "record 2 at byte 4104: is cut at byte 4105; a record has 4104 bytes, this one 1")]
    [InlineData(3, "record 1 at byte 0: is cut at byte 3; a record has 4104 bytes, this one 3")]
    public void Cut_record_is_refused(int length, string expected) =>
        Assert.Equal(
            $"{_folder.PathOf("tables.bin")}: {expected}",
            Refused(Minimal, [.. Record(0, 0).Concat(Record(0x1000, 0)).Take(length)]));

    [Theory]
    [InlineData(0x1000UL, 0x2008UL, "page address 0x2008 is not a multiple of 4096")]
    [InlineData(0x2000UL, 0x2000UL, "page address 0x2000 stands there twice")]
    [InlineData(0x2000UL, 0x1000UL, "page address 0x1000 comes after 0x2000; they must ascend")]
    [InlineData(0xfffffffffffff000UL, 0UL, "page address 0x0 comes after 0xfffffffffffff000; they must ascend")]
    public void Record_at_an_impossible_address_is_refused(ulong first, ulong second, string expected) =>
        Assert.Equal(
            $"{_folder.PathOf("tables.bin")}: record 2 at byte 4104: {expected}",
            Refused(Minimal, [.. Record(first, 0), .. Record(second, 0)]));

    [Fact]
    public void Record_after_the_first_read_is_named_by_its_place_in_the_file() =>
        Assert.Equal(
            $"{_folder.PathOf("tables.bin")}: record 301 at byte {300 * 4104}: page address 0x12b000 stands there twice",
            Refused(
                Minimal,
                [.. Enumerable.Range(0, 300).SelectMany(i => Record((ulong)i * 0x1000, 0)), .. Record(299 * 0x1000, 0)]));

    [Fact]
    public void Huge_file_of_zeros_is_refused_at_its_second_record()
    {
        File.WriteAllText(_folder.PathOf("capture.json"), Minimal);
        using (FileStream tables = File.Create(_folder.PathOf("tables.bin")))
        {
            tables.SetLength(4104L << 22);
        }

        Assert.Equal(
            $"{_folder.PathOf("tables.bin")}: record 2 at byte 4104: page address 0x0 stands there twice",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName)).Message);
    }

    [Fact]
    public void Checksum_is_verified_when_given()
    {
        byte[] tables = Record(0x1000, 9);
        string right = Convert.ToHexString(SHA256.HashData(tables));
        string wrong = (right[0] == '0' ? '1' : '0') + right[1..];

        using CaptureImage image = Open(WithChecksum(right), tables);

        Assert.Equal(9UL, Read(image.Memory, 0x1000));
        Assert.Equal(
            $"{_folder.PathOf("tables.bin")}: SHA-256 is {right.ToLowerInvariant()}, the description says {wrong.ToLowerInvariant()}",
            Refused(WithChecksum(wrong), tables));

        static string WithChecksum(string hash) =>
            $$"""{"sha256":{"other":7,"tables.bin":"{{hash}}"},"format":"f","roots":[]}""";
    }

    [Fact]
    public void Checksums_of_other_files_are_verified_where_the_files_are()
    {
        byte[] tables = Record(0x1000, 9);
        string rows = Convert.ToHexStringLower(SHA256.HashData("rows"u8));
        string json = $$"""{"sha256":{"rows.tsv":"{{rows}}","gone.tsv":"{{rows}}","../up":"{{rows}}","odd":1},"format":"f","roots":[]}""";
        string path = _folder.Write("rows.tsv", "rows"u8);
        Open(json, tables).Dispose();

        _folder.Write("rows.tsv", "raws"u8);
        string changed = Convert.ToHexStringLower(SHA256.HashData("raws"u8));
        Assert.Equal($"{path}: SHA-256 is {changed}, the description says {rows}", Refused(json, tables));

        _folder.Write("rows.tsv", "rows"u8);
        string odd = _folder.Write("odd", "x"u8);
        Assert.Equal($"{odd}: the description has no SHA-256 of 64 hexadecimal digits for it", Refused(json, tables));
    }

    [Fact]
    public void Root_without_levels_has_those_of_the_parameters_and_a_name_may_be_null()
    {
        using CaptureImage image = Open(
            """{"format":"f","roots":[{"hpa":0,"name":null},{"hpa":4096,"levels":4}],"parameters":{"levels":5}}""");

        ImageRoot[] expected = [new("", At(0), 5), new("", At(0x1000), 4)];
        Assert.Equal(expected, image.Roots.AsEnumerable());
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("\ufeff")]
    public void Empty_description_is_said_to_be_empty(string json) =>
        Assert.Equal(_folder.PathOf("capture.json") + ": is empty", Refused(json));

    [Fact]
    public void Changed_byte_in_a_capture_is_noticed()
    {
        byte[] tables = File.ReadAllBytes(Path.Combine(PathOf("ept-huge"), "tables.bin"));
        tables[^1] ^= 1;

        string message = Refused(File.ReadAllText(Path.Combine(PathOf("ept-huge"), "capture.json")), tables);

        Assert.StartsWith(_folder.PathOf("tables.bin") + ": SHA-256 is ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_files_are_named()
    {
        Assert.Equal(
            $"{_folder.PathOf("no")}: no such folder",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.PathOf("no"))).Message);
        Assert.Equal(
            $"{_folder.FullName}: no capture.json in this folder",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName)).Message);
        string description = _folder.Write("capture.json", "{}"u8);
        Assert.Equal(
            $"{_folder.FullName}: no tables.bin in this folder",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName)).Message);
        Assert.Equal(
            $"{description}: is a file; a capture is a folder with capture.json and tables.bin",
            Assert.Throws<ImageException>(() => CaptureImage.Open(description)).Message);
    }

    [Theory]
    [InlineData("capture.json")]
    [InlineData("tables.bin")]
    public void Folder_in_the_place_of_a_file_is_refused(string name)
    {
        File.WriteAllText(_folder.PathOf("capture.json"), Minimal);
        _folder.Write("tables.bin", []);
        File.Delete(_folder.PathOf(name));
        Directory.CreateDirectory(_folder.PathOf(name));

        Assert.Equal(
            $"{_folder.PathOf(name)}: is a directory, not a file",
            Assert.Throws<ImageException>(() => CaptureImage.Open(_folder.FullName)).Message);
    }

    [Fact]
    public void File_without_permission_is_refused_to_those_whom_permissions_bind()
    {
        File.WriteAllText(_folder.PathOf("capture.json"), Minimal);
        string tables = _folder.Write("tables.bin", []);
        Exception? refused;
        using (FilePermission.TakenFrom(tables))
        {
            refused = Xunit.Record.Exception(() => CaptureImage.Open(_folder.FullName).Dispose());
        }

        Assert.Equal(FilePermission.Binds ? $"{tables}: no permission to read" : null, refused?.Message);
    }
}
