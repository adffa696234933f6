using System.Reflection;
using TdpHw.Generators.Tests.Support;

namespace TdpHw.Generators.Tests;

/// <summary>What the schema lets a register's field be and hardly a shipped register has, compiled and run.</summary>
public sealed class RegisterFieldTests
{
    private static readonly DefinitionText Odd = new("odd.hwdef.yaml", """
        hwdef: 1
        kind: register
        name: Odd
        id: odd
        doc: A register of odd fields
        sources:
          man: A manual
        cite: man 1
        bits: 340
        enums:
          OddKind:
            - { value: 0, name: None, doc: none }
            - { value: 3, name: Both, doc: both }
        fields:
          - { name: Across, sym: AC, bits: [69:64, 63:60], doc: a number in two words }
          - { name: Kind, sym: K, bits: [70, 59], enum: OddKind, doc: a named value in two words }
          - { name: Base, sym: B, bits: [58:40, 39:24], address: true, doc: an address }
          - { name: Joined, sym: J, bits: [3:0, 20:16], doc: a number whose high bits stand lowest }
          - { name: Scaled, sym: S, bits: [75:74, 5:4], times: 3, plus: 5, doc: a scaled number in two words }
          - { name: Bit, sym: BIT, bits: 95, plus: 1, doc: one bit that is a number }
          - { name: Large, sym: L, bits: 127:96, times: 1024, plus: 7, doc: a scaled number above int }
          - { name: Whole, sym: W, bits: 191:128, doc: a whole word }
          - { name: Halves, sym: H, bits: [223:192, 287:256], doc: 64 bits of two words }
          - { name: Almost, sym: A, bits: 254:224, doc: the largest number that is an int }
          - { name: Far, sym: F, bits: 319:288, plus: 1048576, doc: a number far from zero }
          - { name: Pages, sym: PG, bits: [339:330, 94:90], address: true, times: 4096, doc: an address counted in pages of two words }
          - { name: Page, sym: P, bits: 329:320, address: true, times: 16384, doc: an address counted in pages }
        views:
          - { name: Top, bits: [319:316, 69:64], doc: bits of two words again }
        reserved:
          - { bits: [255, 89:76, 73:71, 23:21, 15:6] }
        """);

    private static readonly DefinitionText One = new("one.hwdef.yaml", """
        hwdef: 1
        kind: register
        name: One
        id: one
        doc: A register that is one number
        sources:
          man: A manual
        cite: man 1
        bits: 64
        fields:
          - { name: Whole, sym: W, bits: 63:0, doc: all of it }
        """);

    private static readonly DefinitionText Scaled = new("scaled.hwdef.yaml", """
        hwdef: 1
        kind: register
        name: Scaled
        id: scaled
        doc: A register whose number fills 64 bits
        sources:
          man: A manual
        cite: man 1
        bits: 64
        fields:
          - { name: Number, sym: N, bits: 62:0, times: 2, plus: 1, doc: an odd number }
          - { name: Flag, sym: FL, bits: 63, doc: a flag }
        """);

    private static readonly Lazy<IReadOnlyDictionary<string, string>> Sources = new(() => new GeneratorHarness([Odd, One, Scaled]).Sources);
    private static readonly Lazy<Assembly> Code = new(() => GeneratedProject.Load(Sources.Value));

    /// <summary>The fields, with their bits from the highest of the value on.</summary>
    public static TheoryData<string, string, string, ulong, ulong> Fields => new()
    {
        { "Odd", "Across", "69:64 63:60", 1, 0 },
        { "Odd", "Kind", "70:70 59:59", 1, 0 },
        { "Odd", "Base", "58:40 39:24", 1ul << 24, 0 },
        { "Odd", "Joined", "3:0 20:16", 1, 0 },
        { "Odd", "Scaled", "75:74 5:4", 3, 5 },
        { "Odd", "Bit", "95:95", 1, 1 },
        { "Odd", "Large", "127:96", 1024, 7 },
        { "Odd", "Whole", "191:128", 1, 0 },
        { "Odd", "Halves", "223:192 287:256", 1, 0 },
        { "Odd", "Almost", "254:224", 1, 0 },
        { "Odd", "Far", "319:288", 1, 1048576 },
        { "Odd", "Pages", "339:330 94:90", 4096, 0 },
        { "Odd", "Page", "329:320", 16384, 0 },
        { "One", "Whole", "63:0", 1, 0 },
        { "Scaled", "Number", "62:0", 2, 1 },
        { "Scaled", "Flag", "63:63", 1, 0 },
    };

    [Fact]
    public void Their_code_compiles_without_a_warning() => Assert.Empty(GeneratedProject.Compile(Sources.Value));

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_value_comes_back_and_no_other_bit_changes(string register, string field, string ranges, ulong times, ulong plus)
    {
        int[] bits = [.. Bits(ranges)];
        Type type = Code.Value.GetType($"TdpHw.Formats.{register}", throwOnError: true)!;
        int words = type.GetConstructors().Max(c => c.GetParameters().Length);
        ulong largest = ulong.MaxValue >> (64 - bits.Length);
        foreach (ulong background in new[] { 0ul, ulong.MaxValue, 0x9e37_79b9_7f4a_7c15 })
        {
            ulong[] before = [.. Enumerable.Repeat(background, words)];
            foreach (ulong number in new[] { 0ul, largest & 1, largest & 0x5555_5555_5555_5555, largest })
            {
                ulong value = (number * times) + plus;
                object written = With(type, before, field, value);
                ulong[] expected = [.. before];
                for (int i = 0; i < bits.Length; i++)
                {
                    int bit = bits[^(i + 1)];
                    expected[bit / 64] = (expected[bit / 64] & ~(1ul << (bit % 64))) | ((number >> i & 1) << (bit % 64));
                }

                Assert.Equal(expected, WordsOf(type, written));
                Assert.Equal(Typed(type, field, value), type.GetProperty(field)!.GetValue(written));
            }
        }
    }

    [Theory]
    [InlineData("Odd", "Across", -1, 1024, int.MaxValue, int.MinValue)]
    [InlineData("Odd", "Kind", 4ul, ulong.MaxValue)]
    [InlineData("Odd", "Base", 1ul << 23, 1ul << 59, ulong.MaxValue)]
    [InlineData("Odd", "Joined", -1, 512)]
    [InlineData("Odd", "Scaled", 4, 6, 7, 49, 51, 53, int.MinValue, int.MaxValue)]
    [InlineData("Odd", "Bit", 0, 3)]
    [InlineData("Odd", "Large", 0ul, 6ul, 8ul, 1030ul, 0x3ff_ffff_fc08, ulong.MaxValue)]
    [InlineData("Odd", "Almost", -1, int.MinValue)]
    [InlineData("Odd", "Far", 0ul, 1048575ul, 0x1_0010_0000ul, ulong.MaxValue)]
    [InlineData("Odd", "Pages", 1ul, 2048ul, 4097ul, 0x800_0000ul, 1ul << 63, ulong.MaxValue)]
    [InlineData("Odd", "Page", 4096ul, 0x100_0000ul, ulong.MaxValue)]
    [InlineData("Scaled", "Number", 0ul, 2ul, ulong.MaxValue - 1)]
    public void A_value_that_the_bits_cannot_say_is_refused(string register, string field, params object[] values)
    {
        Type type = Code.Value.GetType($"TdpHw.Formats.{register}", throwOnError: true)!;
        ulong[] none = new ulong[type.GetConstructors().Max(c => c.GetParameters().Length)];
        Assert.All(values, value =>
        {
            object typed = value is int ? value : Typed(type, field, Convert.ToUInt64(value, null));
            var thrown = Assert.Throws<TargetInvocationException>(() => type.GetMethod("With" + field)!.Invoke(Create(type, none), [typed]));
            Assert.IsType<ArgumentOutOfRangeException>(thrown.InnerException);
        });
    }

    [Fact]
    public void A_view_of_two_words_is_read_and_not_written()
    {
        Type type = Code.Value.GetType("TdpHw.Formats.Odd", throwOnError: true)!;
        object register = Create(type, [0, 0b10_0001, 0, 0, 0xa000_0000_0000_0000, 0]);
        Assert.Equal(0b1010_10_0001, type.GetProperty("Top")!.GetValue(register));
        Assert.Null(type.GetMethod("WithTop"));
    }

    [Theory]
    [InlineData(new ulong[] { 0, 0, 0, 0, 0, 0xf_ffff }, false)]
    [InlineData(new ulong[] { 0, 0, 0, 0, 0, 0x10_0000 }, true)]
    [InlineData(new ulong[] { 0, 0, 0, 0, 0, 1ul << 63 }, true)]
    [InlineData(new ulong[] { 0x40, 0, 0, 0, 0, 0 }, true)]
    public void A_bit_that_the_register_lacks_is_reserved(ulong[] words, bool isReserved)
    {
        Type type = Code.Value.GetType("TdpHw.Formats.Odd", throwOnError: true)!;
        Assert.Equal(isReserved, type.GetProperty("HasReservedBits")!.GetValue(Create(type, words)));
    }

    private static object With(Type type, ulong[] words, string field, ulong value) =>
        type.GetMethod("With" + field)!.Invoke(Create(type, words), [Typed(type, field, value)])!;

    private static object Create(Type type, ulong[] words) => Activator.CreateInstance(type, [.. words])!;

    private static ulong[] WordsOf(Type type, object register) => type.GetProperty("Raw") is { } raw
        ? [(ulong)raw.GetValue(register)!]
        : [.. Enumerable.Range(0, 6).Select(i => (ulong)type.GetProperty($"Word{i}")!.GetValue(register)!)];

    private static object Typed(Type register, string field, ulong value)
    {
        Type type = register.GetProperty(field)!.PropertyType;
        return type == typeof(int) ? checked((int)value)
            : type == typeof(ulong) ? value
            : type == typeof(bool) ? value != 0
            : type.IsEnum ? Enum.ToObject(type, value)
            : Activator.CreateInstance(type, value)!;
    }

    private static IEnumerable<int> Bits(string ranges) => ranges.Split(' ').SelectMany(range =>
    {
        int[] ends = [.. range.Split(':').Select(int.Parse)];
        return Enumerable.Range(ends[1], ends[0] - ends[1] + 1).Reverse();
    });
}
