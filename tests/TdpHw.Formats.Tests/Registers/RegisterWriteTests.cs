using TdpHw.Formats.Tests.Oracle;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>Every field of every register is written where its definition says, and nothing else is.</summary>
public sealed class RegisterWriteTests
{
    public static TheoryData<string> Registers => [.. RegisterDefinition.All.Keys];

    public static TheoryData<string> RegistersOfSeveralWords =>
        [.. RegisterDefinition.All.Values.Where(r => r.WordCount > 1).Select(r => r.Name)];

    [Theory]
    [MemberData(nameof(Registers))]
    public void A_field_is_written_at_its_bits_and_at_no_other(string name)
    {
        RegisterDefinition definition = RegisterDefinition.All[name];
        var register = new GeneratedRegister(definition);
        var findings = new Findings();
        int count = 0;
        foreach (ulong[] before in Backgrounds(definition.WordCount))
        {
            foreach (RegisterFieldRow field in definition.Fields)
            {
                foreach (ulong number in field.Numbers)
                {
                    ulong value = field.ValueOf(number);
                    object written = register.With(register.Create(before), field.Name, register.Typed(field.Name, value));
                    ulong[] expected = field.Deposit(before, number);
                    ulong[] actual = register.WordsOf(written);
                    for (int word = 0; word < definition.WordCount; word++)
                    {
                        findings.Expect($"{name} with {field.Name} = {value}", $"word {word}", expected[word], actual[word]);
                    }

                    findings.Expect($"{name} with {field.Name} = {value}", field.Name, value, register.Get(written, field.Name));
                    count++;
                }
            }
        }

        findings.AssertNone(count);
    }

    [Theory]
    [MemberData(nameof(Registers))]
    public void A_value_that_the_bits_cannot_say_is_refused(string name)
    {
        RegisterDefinition definition = RegisterDefinition.All[name];
        var register = new GeneratedRegister(definition);
        foreach (RegisterFieldRow field in definition.Fields)
        {
            foreach (object value in Unsayable(field, register.TypeOf(field.Name)))
            {
                foreach (ulong[] words in Backgrounds(definition.WordCount))
                {
                    var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => register.With(register.Create(words), field.Name, value));
                    Assert.Equal("value", thrown.ParamName);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Registers))]
    public void Fields_are_written_and_views_are_not(string name) => Assert.Equal(
        RegisterDefinition.All[name].Fields.Select(field => field.Name).Order(StringComparer.Ordinal),
        new GeneratedRegister(RegisterDefinition.All[name]).Settable.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(RegistersOfSeveralWords))]
    public void Words_that_were_read_are_written_as_they_were(string name)
    {
        int count = RegisterDefinition.All[name].WordCount;
        var words = RegisterWords.Named(name);
        foreach (ulong[] expected in Backgrounds(count))
        {
            // One word more than the register has, which stays as it is.
            ulong[] copy = [.. expected.Select(word => ~word), 0xdead];
            words.Copy([.. expected, 0xbeef], copy);
            Assert.Equal([.. expected, 0xdead], copy);
        }
    }

    [Theory]
    [MemberData(nameof(RegistersOfSeveralWords))]
    public void Too_few_words_are_refused_and_left_alone(string name)
    {
        int count = RegisterDefinition.All[name].WordCount;
        var words = RegisterWords.Named(name);
        ulong[] whole = [.. Enumerable.Repeat(ulong.MaxValue, count)];
        for (int few = 0; few < count; few++)
        {
            ulong[] room = new ulong[few];
            Assert.Throws<ArgumentException>("words", () => words.Copy(whole, room));
            Assert.Throws<ArgumentException>("words", () => words.Copy(room, whole));
            Assert.All(room, word => Assert.Equal(0ul, word));
        }
    }

    [Fact]
    public void Composing_and_writing_an_entry_allocates_nothing()
    {
        ulong[] memory = new ulong[VtdPasidEntry.WordCount];
        Compose(memory, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int domain = 0; domain < 1000; domain++)
        {
            Compose(memory, domain);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Compose(ulong[] memory, int domain) => default(VtdPasidEntry)
            .WithSecondStage(new(0x1_2345_6000))
            .WithTranslationType(VtdPasidTranslationType.SecondStage)
            .WithLevels(4)
            .WithDomainId(domain)
            .WithPresent(true)
            .Write(memory);
    }

    /// <summary>No bit, all bits, and two patterns that are each other's complement.</summary>
    private static IEnumerable<ulong[]> Backgrounds(int words)
    {
        ulong[] mixed = [.. Enumerable.Range(1, words).Select(i => unchecked((ulong)i * 0x9e37_79b9_7f4a_7c15))];
        yield return new ulong[words];
        yield return [.. Enumerable.Repeat(ulong.MaxValue, words)];
        yield return mixed;
        yield return [.. mixed.Select(word => ~word)];
    }

    private static IEnumerable<object> Unsayable(RegisterFieldRow field, Type type)
    {
        ulong highest = field.ValueOf(field.Largest);
        if (field.IsAddress && !field.KeepsPlace)
        {
            ulong[] steps = [1, field.Times / 2, field.Times - 1];
            return new[] { highest + field.Times, 1ul << 63, ulong.MaxValue }
                .Concat(steps)
                .Concat(steps.Select(step => highest - step))
                .Select(address => (object)new HostPhysicalAddress(address));
        }

        if (field.IsAddress)
        {
            return Enumerable.Range(0, 64)
                .Where(bit => field.Bits.All(b => b % 64 != bit))
                .SelectMany(bit => new[] { 1ul << bit, highest | 1ul << bit })
                .Select(address => (object)new HostPhysicalAddress(address));
        }

        if (type == typeof(int))
        {
            int[] steps = [.. Enumerable.Range(1, (int)field.Times - 1)];
            return new[] { int.MinValue, -1, (int)field.Plus - 1, (int)highest + 1, int.MaxValue }
                .Concat(steps.Select(step => (int)field.Plus + step))
                .Concat(steps.Select(step => (int)highest - step))
                .Select(number => (object)number);
        }

        return type == typeof(bool) ? []
            : new[] { highest + 1, ulong.MaxValue }.Select(number => type.IsEnum ? Enum.ToObject(type, number) : number);
    }
}
