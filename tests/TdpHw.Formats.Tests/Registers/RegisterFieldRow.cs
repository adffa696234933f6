using TdpHw.Formats.Tests.Interpreter;
using YamlDotNet.RepresentationModel;

namespace TdpHw.Formats.Tests.Registers;

/// <summary>A field of a register, as its definition writes it.</summary>
internal sealed class RegisterFieldRow
{
    public RegisterFieldRow(YamlNode node)
    {
        var row = new YamlMap(node, "name", "sym", "bits", "plus", "times", "enum", "address", "doc", "cite");
        Name = row.Text("name");
        Bits = [.. YamlNumbers.Bits(row.Node("bits"))];
        Plus = row.Has("plus") ? YamlNumbers.Parse(row.Text("plus")) : 0;
        Times = row.Has("times") ? YamlNumbers.Parse(row.Text("times")) : 1;
        IsAddress = row.TextOrNull("address") == "true";
    }

    public string Name { get; }

    /// <summary>The bits, the one that counts most first.</summary>
    public IReadOnlyList<int> Bits { get; }

    public ulong Plus { get; }

    public ulong Times { get; }

    public bool IsAddress { get; }

    /// <summary>Whether the bits are those of an address at their place, the ones below them being zero.</summary>
    public bool KeepsPlace => IsAddress && Times == 1;

    /// <summary>The largest number of the bits.</summary>
    public ulong Largest => ulong.MaxValue >> (64 - Bits.Count);

    /// <summary>What the bits are tried with: the ends, their neighbours, and every other bit set.</summary>
    public IEnumerable<ulong> Numbers => new[] { 0ul, 1ul, Largest - 1, Largest, Largest & 0x5555_5555_5555_5555 }.Distinct();

    /// <summary>What the field says when its bits are <paramref name="number"/>.</summary>
    public ulong ValueOf(ulong number) => KeepsPlace ? number << (Bits[^1] % 64) : (number * Times) + Plus;

    /// <summary>The words with the field's bits at <paramref name="number"/>, bit by bit.</summary>
    public ulong[] Deposit(ulong[] words, ulong number)
    {
        ulong[] changed = [.. words];
        for (int i = 0; i < Bits.Count; i++)
        {
            int bit = Bits[^(i + 1)];
            ulong one = 1ul << (bit % 64);
            changed[bit / 64] = (number >> i & 1) != 0 ? changed[bit / 64] | one : changed[bit / 64] & ~one;
        }

        return changed;
    }
}
