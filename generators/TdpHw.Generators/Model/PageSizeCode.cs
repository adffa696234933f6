namespace TdpHw.Generators.Model;

/// <summary>How a leaf says how large it is.</summary>
internal enum PageSizeCode
{
    Level,
    LowestZero,
    LowestOne,
}
