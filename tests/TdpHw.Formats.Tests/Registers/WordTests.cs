using System.Reflection;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>Every generated word of bits, entries and registers alike: masks, getters and setters belong together.</summary>
public sealed class WordTests
{
    private const string MaskSuffix = "Mask";

    public static TheoryData<string> WordNames => [.. Words.Select(word => word.Name)];

    private static IEnumerable<Type> Words => typeof(FormatRegistry).Assembly.GetExportedTypes().Where(
        type => type.IsValueType && type.GetProperty("Raw") != null && MasksOf(type).Any());

    [Fact]
    public void There_is_a_word_for_each_format_and_register() => Assert.Superset(
        new HashSet<string>
        {
            nameof(EptEntry), nameof(VtdSecondStageEntry), nameof(Eptp), nameof(EptVpidCap), nameof(VtdCap), nameof(VtdEcap),
        },
        Words.Select(word => word.Name).ToHashSet());

    [Theory]
    [MemberData(nameof(WordNames))]
    public void A_setter_writes_the_bits_of_its_mask_and_the_getter_reads_them(string wordName)
    {
        Type word = Words.Single(type => type.Name == wordName);
        int count = 0;
        foreach ((string name, ulong mask) in MasksOf(word))
        {
            PropertyInfo getter = word.GetProperty(name)!;
            MethodInfo? setter = word.GetMethod("With" + name);
            if (setter is null)
            {
                continue;
            }

            object none = Create(word, 0);
            object all = Create(word, ulong.MaxValue);
            object highest = getter.GetValue(all)!;
            object lowest = getter.GetValue(none)!;
            Assert.NotEqual(lowest, highest);
            Assert.Equal(mask, RawOf(setter.Invoke(none, [highest])!));
            Assert.Equal(~mask, RawOf(setter.Invoke(all, [lowest])!));
            Assert.Equal(highest, getter.GetValue(Create(word, mask)));
            Assert.Equal(lowest, getter.GetValue(Create(word, ~mask)));
            count++;
        }

        Assert.NotEqual(0, count);
    }

    [Theory]
    [MemberData(nameof(WordNames))]
    public void A_value_that_needs_more_bits_is_refused(string wordName)
    {
        Type word = Words.Single(type => type.Name == wordName);
        foreach ((string name, ulong mask) in MasksOf(word))
        {
            Type type = word.GetProperty(name)!.PropertyType;
            MethodInfo? setter = word.GetMethod("With" + name);
            if (setter is null || type == typeof(bool))
            {
                continue;
            }

            object tooWide = type == typeof(HostPhysicalAddress) ? new HostPhysicalAddress(ulong.MaxValue)
                : type == typeof(int) ? int.MaxValue
                : type.IsEnum ? Enum.ToObject(type, 1ul << (int)ulong.PopCount(mask)) : 1ul << (int)ulong.PopCount(mask);
            var thrown = Assert.Throws<TargetInvocationException>(() => setter.Invoke(Create(word, 0), [tooWide]));
            Assert.IsType<ArgumentOutOfRangeException>(thrown.InnerException);
        }
    }

    [Theory]
    [MemberData(nameof(WordNames))]
    public void A_word_without_bits_reads_as_its_number_and_one_with_bits_starts_with_it(string wordName)
    {
        Type word = Words.Single(type => type.Name == wordName);
        Assert.Equal("0x0", Create(word, 0).ToString());
        Assert.StartsWith("0xffffffffffffffff", Create(word, ulong.MaxValue).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Eptp))]
    [InlineData(nameof(EptVpidCap))]
    [InlineData(nameof(VtdCap))]
    [InlineData(nameof(VtdEcap))]
    public void The_fields_of_a_register_and_its_reserved_bits_fill_it_without_overlap(string wordName)
    {
        Type word = Words.Single(type => type.Name == wordName);
        ulong[] all = [.. MasksOf(word).Select(pair => pair.Mask).Append(Constant(word, "ReservedMask"))];

        // A view names bits of a wider field once more.
        ulong[] masks = [.. all.Where(mask => !all.Any(wider => wider != mask && (mask & ~wider) == 0))];
        ulong sum = masks.Aggregate(0ul, (union, mask) => union | mask);
        Assert.Equal(ulong.MaxValue, sum);
        Assert.Equal(64, masks.Sum(mask => (int)ulong.PopCount(mask)));
    }

    /// <summary>The fields and views, each with its mask.</summary>
    private static IEnumerable<(string Name, ulong Mask)> MasksOf(Type word) => word
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral && field.Name.EndsWith(MaskSuffix, StringComparison.Ordinal))
        .Select(field => (Name: field.Name[..^MaskSuffix.Length], Mask: (ulong)field.GetRawConstantValue()!))
        .Where(pair => word.GetProperty(pair.Name) != null);

    private static ulong Constant(Type word, string name) => (ulong)word.GetField(name)!.GetRawConstantValue()!;

    private static object Create(Type word, ulong raw) => Activator.CreateInstance(word, raw)!;

    private static ulong RawOf(object word) => (ulong)word.GetType().GetProperty("Raw")!.GetValue(word)!;
}
