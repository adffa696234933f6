using TdpHw.Generators.Model;

namespace TdpHw.Mutation.Tests.Evaluation;

/// <summary>A bound register, read as its generated struct reads it.</summary>
internal sealed class SpecRegister(RegisterSpec spec)
{
    public RegisterSpec Spec { get; } = spec;

    /// <summary>What a field or view says of the register that holds <paramref name="words"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public ulong Read(string member, params ReadOnlySpan<ulong> words)
    {
        RegisterMemberSpec found = Spec.Members.FirstOrDefault(m => m.Name == member)
            ?? throw new KeyNotFoundException($"{Spec.Name} has no field '{member}'.");
        ulong value = 0;
        foreach (int bit in found.Bits.Each())
        {
            value = value << 1 | (words[bit / 64] >> (bit % 64) & 1);
        }

        // An address keeps its place, unless it is counted in pages.
        return found.IsAddress && found.Times == 1
            ? value << (found.Bits[found.Bits.Count - 1].Low % 64)
            : (value * (ulong)found.Times) + (ulong)found.Plus;
    }

    /// <summary>Whether a reserved bit is set.</summary>
    public bool HasReservedBits(params ReadOnlySpan<ulong> words)
    {
        foreach (int bit in Spec.Reserved.Each())
        {
            if ((words[bit / 64] >> (bit % 64) & 1) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
