using System.Collections.Immutable;
using System.Globalization;

namespace TdpHw.Formats;

/// <summary>The named values of a field.</summary>
/// <param name="Name">The name of the C# enumeration.</param>
/// <param name="Members">The values, ascending.</param>
public sealed record EnumDescription(string Name, ImmutableArray<EnumMember> Members)
{
    /// <summary>The name of <paramref name="value"/>, or the value in decimal when it has none.</summary>
    public string NameOf(ulong value)
    {
        foreach (EnumMember member in Members)
        {
            if (member.Value == value)
            {
                return member.Name;
            }
        }

        return value.ToString(CultureInfo.InvariantCulture);
    }
}
