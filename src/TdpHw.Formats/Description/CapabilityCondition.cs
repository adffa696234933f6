using System.Numerics;

namespace TdpHw.Formats;

/// <summary>A condition on capabilities: all of some on, all of others off.</summary>
/// <param name="Needs">A bit for each capability, by index, that must be on.</param>
/// <param name="Unless">A bit for each capability, by index, that must be off.</param>
public readonly record struct CapabilityCondition(uint Needs, uint Unless)
{
    /// <summary>Whether the condition holds always.</summary>
    public bool IsAlways => Needs == 0 && Unless == 0;

    /// <summary>Whether the condition holds under <paramref name="capabilities"/>.</summary>
    public bool Holds(CapabilityValues capabilities)
    {
        for (uint rest = Needs | Unless; rest != 0; rest &= rest - 1)
        {
            int index = BitOperations.TrailingZeroCount(rest);
            if (capabilities.IsOn(index) != ((Needs >> index & 1) != 0))
            {
                return false;
            }
        }

        return true;
    }
}
