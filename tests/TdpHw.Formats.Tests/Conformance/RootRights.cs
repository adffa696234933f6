namespace TdpHw.Formats.Tests.Conformance;

/// <summary>What the ways to roots allow in tests: all, and less.</summary>
internal static class RootRights
{
    private static readonly Rights[] Some = [Rights.All, Rights.All & ~Rights.Write, Rights.All & ~(Rights.Read | Rights.Write)];

    /// <summary>One of them for each number.</summary>
    public static Rights Of(int number) => Some[number % Some.Length];
}
