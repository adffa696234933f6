using System.Runtime.CompilerServices;

namespace TdpHw.Formats;

/// <summary>What rights mean to accesses and to readers.</summary>
public static class RightsExtensions
{
    /// <summary>The rights that accesses ask for.</summary>
    internal const Rights OfAccesses = Rights.Read | Rights.Write | Rights.Execute | Rights.UserExecute;

    /// <summary>The right that <paramref name="access"/> needs; none for <see cref="Access.None"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Rights Needed(this Access access) => (Rights)((1 << (int)access) >> 1);

    /// <summary>The three characters of listings: <c>RWX</c> with <c>-</c> for a missing right.</summary>
    public static string ToListing(this Rights rights) => Listings[(int)rights & 7];

    private static readonly string[] Listings = ["---", "R--", "-W-", "RW-", "--X", "R-X", "-WX", "RWX"];
}
