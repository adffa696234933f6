namespace TdpHw.Formats.Tests.Interpreter;

/// <summary>The words of definitions for bits that are no field.</summary>
internal static class BitMeanings
{
    public static BitMeaning Parse(string word) => word switch
    {
        "reserved" => BitMeaning.Reserved,
        "res0" => BitMeaning.Res0,
        "ignored" => BitMeaning.Ignored,
        _ => throw new InvalidDataException($"The interpreter does not know bits that are '{word}'."),
    };
}
