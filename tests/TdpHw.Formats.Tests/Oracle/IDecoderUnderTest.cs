namespace TdpHw.Formats.Tests.Oracle;

/// <summary>Something that knows formats and that outside truth is held against.</summary>
internal interface IDecoderUnderTest
{
    /// <summary>The format <paramref name="formatId"/> on a machine; a capability that is not given has its default.</summary>
    IRulesUnderTest Resolve(string formatId, IReadOnlyDictionary<string, ulong> capabilities);
}
